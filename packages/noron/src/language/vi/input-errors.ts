import type { inputErrors as english } from "../en/input-errors.ts";
import type { Translated } from "../translated.ts";

export const inputErrors: Translated<typeof english> = {
  "no-such-file": "{{file}}: không có tệp hay thư mục này.",
  "not-permitted": "{{file}}: không được phép đọc: hãy xem quyền truy cập của nó.",
  "is-a-folder": "{{file}}: đây là thư mục, không phải tệp.",
  "not-a-folder": "{{file}}: một phần của đường dẫn này là tệp, không phải thư mục.",
  "file-too-large": "{{file}}: nó lớn hơn mức 2 GiB có thể đọc: hãy dùng một phần của nó.",
  "unreadable-file": "{{file}}: không đọc được: {{problem}}.",
  "no-images-in-folder":
    "{{folder}}: thư mục này không có ảnh và nhãn dưới dạng tệp IDX. Tệp IDX có tên như train-images-idx3-ubyte.gz và train-labels-idx1-ubyte.gz.",
  "tables-in-folder":
    "{{folder}}: thư mục này không có ảnh và nhãn dưới dạng tệp IDX. Nếu là bảng, hãy cho chính tệp: {{tables}}.",
  "no-class-folders":
    "{{folder}}: không ảnh nào cho biết nó thuộc lớp nào: hãy để ảnh của mỗi lớp vào một thư mục riêng.",
  "bad-image": "{{file}}: không giải mã được ảnh này ({{problem}}).",
  "not-a-plain-image": "{{file}} không phải tệp thường: hãy bỏ nó khỏi các ảnh.",
  "no-labels": "{{file}}: không có nhãn để học: hãy cho thêm tệp IDX chứa nhãn.",
  "no-labels-to-compare": "{{file}}: không có nhãn để so sánh.",
  "table-for-images": "{{file}} là bảng, còn mạng được huấn luyện trên ảnh: hãy cho tệp IDX.",
  "images-for-table": "{{file}} chứa ảnh, còn mạng được huấn luyện trên bảng: hãy cho tệp CSV.",
  "image-pixels": "ảnh {{image}} có {{found}} điểm ảnh, còn mạng nhận {{height}} × {{width}}.",
  "no-such-image": "{{file}}: không có ảnh {{row}}: các ảnh là từ 0 đến {{last}}.",
  "no-such-row": "{{file}}: không có hàng {{row}}: các hàng là từ {{first}} đến {{last}}.",
  "row-is-header":
    "{{file}}: không có hàng {{row}}: các hàng là từ {{first}} đến {{last}}, như trong bảng tính, nơi tiêu đề là hàng 1.",
  "empty-table": "{{file}}: không có hàng nào.",
  "no-runs": "ở đây không có thư mục {{folder}}: lệnh noron train tạo ra nó, hoặc hãy cho thư mục chứa các lần chạy.",
  "no-such-run": "{{folder}}: không có thư mục lần chạy này: lệnh noron train tạo ra nó.",
  "run-is-a-file": "{{folder}} là tệp, còn một lần chạy là thư mục: hãy cho thư mục mà noron train đã tạo.",
  "run-file-missing": "{{folder}} không phải thư mục lần chạy, hoặc đã hỏng: nó không có {{file}}.",
  "run-link-broken":
    "{{folder}} không phải thư mục lần chạy, hoặc đã hỏng: {{file}} của nó là liên kết không dẫn tới đâu.",
  "link-out-of-run": "{{file}} là liên kết dẫn ra ngoài thư mục lần chạy: hãy đặt chính tệp đó vào.",
  "not-a-plain-file": "{{file}} không phải tệp thường: đây không phải lần chạy do noron ghi.",
  "not-ours": "{{file}}: {{bytes}} byte, không phải tệp do noron ghi.",
  "options-not-json": "{{file}}: các tùy chọn phải là một đối tượng JSON ({{problem}}).",
  "unknown-option-in-file": "{{file}}: không có tùy chọn {{option}}.",
  "bad-option-in-file": "{{file}}: {{option}} không đúng như cần có: {{problem}}.",
  "not-json": "{{file}}: đây không phải JSON: tệp đã hỏng hoặc là tệp khác.",
  "bad-config": "{{file}}: đây không phải cấu hình do noron ghi: {{problem}}.",
  "run-mismatch": "{{folder}}: các tệp của lần chạy này không thuộc về nhau: {{problem}}.",
  "bad-weights": "{{file}}: tệp này đã hỏng, bị cụt hoặc thuộc về mạng khác: hãy chép lại lần chạy ({{problem}})",
  "too-few-weights": "{{file}}: theo cấu hình, mạng có {{parameters}} tham số, mà tệp này có ít hơn.",
  "weights-not-finite": "{{file}}: {{name}} chứa số không hữu hạn.",
  "other-code":
    "{{folder}}: {{file}} không phải tệp đã dùng khi huấn luyện: mã băm của nó là {{hash}}, còn của {{trained}} là {{trainedHash}}. Hãy cho tệp như lúc đó.",
  "run-without-weights":
    "{{folder}}: quá trình huấn luyện này kết thúc trước điểm lưu đầu tiên, nên không có trọng số. Hãy bắt đầu lại:",
  "not-written": "không ghi được {{file}}: {{problem}}.",
  "not-written-after-epoch":
    "không ghi được {{file}}: {{problem}}. Những gì đã có, đến hết epoch {{epoch}}, vẫn còn. Khi ghi lại được, hãy huấn luyện tiếp bằng:",
  "not-written-after-batch":
    "không ghi được {{file}}: {{problem}}. Những gì đã có, đến lô {{batch}} của epoch {{epoch}}, vẫn còn. Khi ghi lại được, hãy huấn luyện tiếp bằng:",
  "bad-checkpoint": "{{file}}: đây không phải điểm lưu do noron ghi: {{problem}}.",
  "checkpoint-of-another": "{{file}} thuộc quá trình huấn luyện khác ({{problem}}).",
  "no-checkpoint": "{{folder}} không có checkpoint.safetensors để huấn luyện tiếp.",
  "resume-data-changed":
    "{{folder}}: {{source}} không còn như lúc bắt đầu huấn luyện: mã băm của nó là {{hash}}, trước đây là {{trainedHash}}. Hãy cho dữ liệu như lúc đó, hoặc huấn luyện lại từ đầu.",
  "other-training":
    "không thể huấn luyện tiếp {{folder}}: cùng dữ liệu lại cho {{part}} khác với lúc bắt đầu: lúc đó là phiên bản noron khác ({{version}})?",
  "other-reading":
    "{{folder}}: {{data}} nay được đọc khác với lúc huấn luyện (noron {{version}}), nên không thể biết những hàng nào đã được để riêng: hãy lập báo cáo trên các hàng của tệp khác, hoặc huấn luyện lại từ đầu.",
  "run-data-gone": "không đọc được dữ liệu của lần chạy này ({{source}}) ở đây: hãy cho dữ liệu.",
  "run-data-changed": "{{source}} không còn như lúc huấn luyện: hãy cho dữ liệu như lúc đó.",
  "no-page": "{{folder}}: không có trang của studio. Trong một bản clone, npm run build sẽ tạo ra nó.",
};
