import type { studio as english } from "../en/studio.ts";
import type { Translated } from "../translated.ts";

export const studio: Translated<typeof english> = {
  address: "xem mạng học: {{address}}",
  end: "Bấm Ctrl-C để kết thúc.",
  stays: "lần chạy ở {{address}} cho đến khi bấm Ctrl-C",
  openYourself: "không mở được trình duyệt từ đây: hãy tự mở địa chỉ này.",
};
