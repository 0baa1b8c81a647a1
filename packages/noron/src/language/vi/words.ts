import type { words as english } from "../en/words.ts";
import type { Translated } from "../translated.ts";

export const words: Translated<typeof english> = {
  amount: "{{amount, number}}",
  rows_other: "{{count, number}} hàng",
  columns_other: "{{count, number}} cột",
  images_other: "{{count, number}} ảnh",
  epochs_other: "{{count, number}} epoch",
  seconds: "{{seconds}} giây",
  minutes: "{{minutes}} phút {{seconds}} giây",
  hours: "{{hours}} giờ",
  warning: "cảnh báo: {{text}}",
  note: "ghi chú: {{text}}",
  internal: "có lỗi bên trong noron: {{problem}}.",
  mendNameInFile: "{{file}}, dòng {{line}}: hãy viết {{right}} thay cho {{wrong}}",
  mendValueInFile: "{{file}}, dòng {{line}}, {{option}}: hãy viết {{right}} thay cho {{wrong}}",
  debugHint: "Đặt NORON_DEBUG=1 để biết ở đâu.",
  andMore: "và {{count}} mục nữa",
  classification: "phân loại",
  regression: "hồi quy",
  predictionsWritten_other: "đã ghi {{count, number}} dự đoán vào {{file}}",
  bytesWritten_other: "đã ghi {{count, number}} byte vào {{file}}",
};
