import type { inspect as english } from "../en/inspect.ts";
import type { Translated } from "../translated.ts";

export const inspect: Translated<typeof english> = {
  column: "CỘT",
  classes: "{{count}} lớp: {{list}}",
  noTarget: "không thể học {{column}}: xem phần cảnh báo",
  kinds: "{{list}}; {{missing, number}} cột có ô thiếu",
  summedUp:
    "chỉ liệt kê {{shown}} trong {{count, number}} cột liên hệ mạnh nhất với biến mục tiêu; --full liệt kê tất cả",
  headColumn: "cột",
  headUsed: "dùng như",
  headMissing: "thiếu",
  headUnique: "khác nhau",
  headWith: "liên hệ",
  headContents: "nội dung",
  target: "mục tiêu",
  measures:
    "mức liên hệ với {{target}}, từ −1 đến 1 hoặc từ 0 đến 1: r hệ số tương quan, η tỉ số tương quan đã hiệu chỉnh theo số nhóm (căn bậc hai của epsilon bình phương), V hệ số V của Cramér với hiệu chỉnh của Bergsma",
  range: "{{least}} đến {{most}}",
  numbers: "{{least}} đến {{most}}, trung vị {{median}}",
  why: "lý do",
  notes: "ghi chú",
  warnings: "cảnh báo",
  noWarnings: "không có cảnh báo",
  moreNotes: "và {{count}} mục nữa cùng loại; --full liệt kê tất cả",
  pixels:
    "điểm ảnh: trung bình {{mean}}, độ lệch chuẩn {{deviation}}; {{constant, number}} điểm giống nhau trong mọi ảnh",
  noLabels: "không có nhãn",
};
