import type { data as english } from "../en/data.ts";
import type { Translated } from "../translated.ts";

export const data: Translated<typeof english> = {
  task: "{{task}} {{target}}: {{reason}}",
  imagesWithLabels: "ảnh có nhãn",
  split: "{{training}} để huấn luyện, {{validation, number}} để kiểm định (chọn epoch), {{test, number}} để kiểm tra",
  stratified: ", giữ đúng tỉ lệ mỗi lớp",
  byTime: "theo thời gian",
  byGroup: ", theo nhóm",
  seed: "hạt giống {{seed}}",
  size: "{{rows}}, {{columns}}",
  imageSize: "{{images}} cỡ {{height}} × {{width}} điểm ảnh",
  imagesToTest: ", và {{count, number}} ảnh để kiểm tra",
  headTask: "bài toán",
  headClasses: "các lớp",
  headColumns: "các cột",
  headSplit: "phép chia",
  headNote: "ghi chú",
  headNetwork: "mạng",
  headTraining: "huấn luyện",
  number: "số",
  category: "hạng mục",
  boolean: "đúng/sai",
  date: "ngày tháng",
  ignore: "bỏ qua",
  trainedOn: "đây chính là dữ liệu đã dùng để huấn luyện, nên điểm số nói lên rất ít về các hàng mới",
};
