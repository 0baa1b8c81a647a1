import type { usageErrors as english } from "../en/usage-errors.ts";
import type { Translated } from "../translated.ts";

export const usageErrors: Translated<typeof english> = {
  "no-command": "cần có một lệnh.",
  "unknown-command": "không có lệnh {{value}}.",
  "unknown-option": "không có tùy chọn {{value}}.",
  "bad-value": "{{option}} {{value}} không hợp lệ. {{problem}}",
  "not-a-choice": "{{option}} {{value}} không hợp lệ: giá trị phải là một trong {{names}}.",
  "not-a-number-from-to": "{{option}} {{value}} không hợp lệ: giá trị phải là số từ {{least}} đến {{most}}.",
  "not-a-number-between":
    "{{option}} {{value}} không hợp lệ: giá trị phải là số lớn hơn {{least}} và nhỏ hơn {{most}}.",
  "not-a-whole-number": "{{option}} {{value}} không hợp lệ: giá trị phải là số nguyên từ {{least}} đến {{most}}.",
  "not-a-model":
    "--model {{value}} không hợp lệ: giá trị phải là kích thước các tầng ẩn, như 64,32, hoặc none, hoặc một tệp như net.ts.",
  "not-a-type": "--type {{value}} không hợp lệ: giá trị phải là một cột và kiểu dùng nó, như zip=category.",
  "not-held-out":
    "{{option}} {{value}} không hợp lệ: giá trị phải là tỉ lệ lớn hơn 0 và nhỏ hơn 1, như 0.2, hoặc một tệp.",
  "missing-value": "{{option}} cần một giá trị.",
  "missing-option": "cần có {{option}}.",
  "missing-argument": "thiếu đối số bắt buộc {{name}}.",
  "too-many-arguments": "có nhiều đối số hơn lệnh này nhận: {{expected}}.",
  "options-exclude-each-other": "{{option}} và {{other}} loại trừ nhau.",
  "bad-environment": "biến môi trường không hợp lệ ({{problem}}).",
  "out-of-memory": "không đủ bộ nhớ: hãy cho --model hoặc --batch nhỏ hơn, hoặc ít hàng hơn.",
  "no-target": "cần học cột nào? Hãy cho --target TÊN; các cột là {{columns}}.",
  "target-of-images": "ảnh được học cùng nhãn của chúng: hãy bỏ --target.",
  "task-of-images": "nhãn của ảnh là các lớp: hãy bỏ --task.",
  "columns-of-images": "ảnh không có cột: hãy bỏ --type, --drop và --keep.",
  "profile-of-images": "ảnh không có cột: hãy bỏ --target, --task, --type, --drop và --keep.",
  "split-of-images": "ảnh không có cột: --split {{by}} dành cho bảng; hãy cho random hoặc stratified.",
  "nothing-to-split":
    "--split {{split}} không có gì để chia, vì --val và --test là tệp: hãy bỏ một trong các tùy chọn đó.",
  "held-out-on-stdin": "các hàng để kiểm định hoặc kiểm tra không thể lấy từ đầu vào chuẩn: hãy cho một tệp.",
  "held-out-is-trained-on":
    "{{option}} {{file}} nằm trong dữ liệu dùng để huấn luyện ({{data}}): không được huấn luyện trên các hàng dùng để đo chất lượng.",
  "held-out-of-another-kind":
    "{{option}} {{file}} và {{data}}, một bên là bảng, bên kia là ảnh: hãy cho hai bên cùng loại.",
  "no-such-sample": "không có bộ mẫu {{value}}: có {{names}}.",
  "stdin-twice": "đầu vào chuẩn chỉ đọc được một lần: hãy viết - một lần.",
  "not-an-image-size":
    "--image-size {{value}} không hợp lệ: giá trị phải là kích thước theo điểm ảnh, như 32, hoặc 48x32 (cao x rộng).",
  "not-a-row":
    "--row {{value}} không hợp lệ: giá trị phải là số nguyên: 2 là hàng đầu tiên dưới hàng tiêu đề, 1 là hàng đầu tiên của JSON, 0 là ảnh đầu tiên.",
  "not-channels": "--channels {{value}} không hợp lệ: giá trị phải là 1 (ảnh xám) hoặc 3 (đỏ, lục, lam).",
  "no-image-decoder": "ảnh được giải mã bằng gói sharp, chưa được cài ở đây: npm install sharp.",
  "no-table-in-pieces": "{{data}} không phải tệp của một bảng, và chỉ bảng mới đọc được từng phần: hãy bỏ --stream.",
  "no-temporary-folder": "không ghi được vào {{folder}}: {{problem}}: hãy đặt TMPDIR là một thư mục ghi được.",
  "disk-full":
    "các hàng dưới dạng số chiếm {{needed}} GiB, mà {{folder}} chỉ còn trống {{free}} GiB: hãy giải phóng chỗ, hoặc đặt TMPDIR là thư mục trên ổ đĩa lớn hơn.",
  "temporary-not-written":
    "không thể giữ các hàng trong {{folder}} ({{problem}}): hãy dọn bớt chỗ ở đó, hoặc đặt TMPDIR là một thư mục trên đĩa lớn hơn.",
  "too-many-images": "ảnh gồm một tệp IDX, và một tệp với nhãn của chúng: hãy cho hai tệp đó.",
  "not-idx-file": "{{file}} không phải tệp IDX: hãy cho một bảng, hoặc hai tệp IDX gồm ảnh và nhãn.",
  "loss-not-for-task": "--loss {{loss}} không dùng cho bài toán này ({{task}}): hãy chọn {{fitting}}.",
  "not-of-optimizer": "{{option}} không dùng cho --optimizer {{optimizer}}, mà cho {{fitting}}.",
  "nesterov-without-momentum":
    "bước của Nesterov cần động lượng (momentum): hãy cho --momentum 0.9, hoặc --optimizer nesterov.",
  "not-of-schedule": "{{option}} không dùng cho --schedule {{schedule}}, mà cho {{fitting}}.",
  "gamma-of-plateau": "--gamma của --schedule plateau phải nhỏ hơn 1: tốc độ học cần giảm.",
  "batch-norm-one-row": "không thể dùng --norm batch: chỉ có một hàng để huấn luyện.",
  "batch-norm-batch-of-one": "không thể dùng --norm batch: một lô chỉ có một hàng thì không có độ phân tán.",
  "class-weights-of-number": "--class-weights dành cho các lớp, mà biến mục tiêu là số: hãy bỏ nó.",
  "not-class-weights": "--class-weights: giá trị phải là balanced, none, hoặc TÊN=TRỌNG SỐ. Các lớp là {{classes}}.",
  "no-such-class": '--class-weights: không có lớp "{{value}}". Các lớp là {{classes}}.',
  "not-a-weight": '--class-weights: "{{value}}" không phải trọng số: cần một số lớn hơn 0 và không quá 1,000,000.',
  "option-not-for-own": "{{option}} dành cho mạng do noron tạo: {{file}} tự quyết định điều này.",
  "network-too-large":
    "huấn luyện mạng {{parameters, number}} tham số này với lô {{batch}} mẫu cần khoảng {{needed}} GiB bộ nhớ, mà chỉ có {{limit}} GiB: hãy cho --model hoặc --batch nhỏ hơn.",
  "code-not-loaded": "không nạp được {{file}} ({{problem}})",
  "no-default-export":
    "{{file}}: không có export default nào tạo ra mạng: export default ({ inputs, outputs, nn }) => ….",
  "network-failed": "{{file}}: tạo mạng bị lỗi ({{problem}})",
  "network-asynchronous": "{{file}}: export default là hàm bất đồng bộ: hãy để nó trả về chính mạng.",
  "no-module": "{{file}}: export default không trả về nn.Module.",
  "network-inputs": "{{file}}: mạng không nhận các hàng có {{inputs}} đặc trưng ({{problem}})",
  "network-outputs":
    "{{file}}: mạng cho ra [{{shape}}] từ hai hàng, mà cần [2, {{outputs}}]: hãy kết thúc mạng bằng {{outputs}} đầu ra.",
  "network-not-code": "{{folder}}: mạng của lần chạy này do noron tạo, không phải do {{file}}: hãy bỏ --model.",
  "network-is-code":
    "{{folder}}: mạng của lần chạy này là mã nguồn ({{file}}, {{hash}}), mà thư mục lần chạy không chứa mã: hãy cho nó bằng --model {{file}}, hoặc cho loadRun dưới dạng { model }.",
  "folder-exists": "{{folder}} đã có sẵn: hãy cho --out tên khác, hoặc xóa nó.",
  "folder-is-a-run":
    "{{folder}} đã có sẵn: hãy cho --out tên khác, hoặc xóa nó, hoặc huấn luyện tiếp: npx noron train --resume {{folder}}.",
  "folder-in-use":
    "{{folder}} đang được tiến trình {{process}} dùng để huấn luyện: hãy đợi nó xong, hoặc dừng nó. Nếu không có tiến trình nào như vậy, hãy xóa {{lock}}.",
  "folder-in-use-elsewhere":
    "{{folder}} đang được tiến trình {{process}} trên máy {{host}} dùng để huấn luyện: hãy đợi nó xong, hoặc dừng nó. Nếu không có tiến trình nào như vậy, hãy xóa {{lock}}.",
  "fixed-on-resume":
    "không thể cho {{option}} cùng --resume: huấn luyện tiếp tục như đã bắt đầu, trừ --epochs và --patience.",
  "model-on-resume": "--model không thể thay đổi khi huấn luyện tiếp: hãy bỏ nó.",
  "resume-on-stdin": "{{folder}} được huấn luyện từ đầu vào chuẩn: hãy cho lại dữ liệu.",
  "resume-diverged":
    "{{folder}} đã bị phân kỳ, và sẽ lại như vậy: huấn luyện tiếp cho ra cùng các con số. Hãy huấn luyện lại từ đầu với --lr thấp hơn.",
  "already-trained": "{{folder}} đã được huấn luyện đến epoch {{epochs}}: hãy cho --epochs lớn hơn.",
  "epochs-of-schedule":
    "{{folder}} không thể có --epochs khác: tốc độ học của nó theo --schedule {{schedule}} qua {{epochs}} epoch.",
  "no-rate-found":
    "--lr auto không tìm được tốc độ nào làm mất mát giảm: hãy xem lại dữ liệu, hoặc cho một tốc độ học.",
  "dry-run-writes-nothing": "không thể cho {{option}} cùng --dry-run, vốn không ghi hay hiện gì khác: hãy bỏ nó.",
  "ended-early":
    "{{folder}} đã kết thúc sau epoch {{epochs}}, vì mất mát kiểm định không tốt hơn trong {{waited}} epoch: hãy cho --patience lớn hơn {{waited}} để huấn luyện tiếp.",
  "all-trained":
    "{{folder}} đã được huấn luyện đến epoch cuối cùng, {{epochs}}: hãy cho --epochs lớn hơn để huấn luyện tiếp.",
  "folder-not-writable": "không tạo được {{folder}}: {{parent}} không phải thư mục ghi được.",
  "run-not-saved": "không lưu được lần chạy vào {{folder}}: {{problem}}.",
  "file-exists": "{{file}} đã có sẵn: hãy cho {{option}} tên khác, hoặc xóa nó.",
  "file-exists-force": "{{file}} đã có sẵn: hãy cho --out tên khác, hoặc dùng --force để thay thế.",
  "cannot-write": "không ghi được {{file}}: {{problem}}.",
  "predictions-are-csv":
    "--out {{file}}: dự đoán được ghi dạng CSV, khác với đuôi của tên này. Hãy cho tên có đuôi .csv, hoặc bỏ --out và dùng --log json để có mỗi hàng một đối tượng.",
  "cannot-write-output": "không ghi được ra đầu ra chuẩn: {{problem}}.",
  "out-is-input": "--out {{file}} chính là dữ liệu đang đọc: hãy cho tên khác.",
  "compare-two": "--compare nhận hai lần chạy.",
  "unknown-form":
    "{{file}}: export không ghi được dạng này. Các dạng có thể là {{forms}}: hãy kết thúc tên tệp bằng một trong số đó.",
  "form-not-of-name":
    "--to {{form}} và {{file}} không khớp nhau: hãy bỏ --to để ghi {{named}}, hoặc đặt tên khác cho tệp.",
  "export-without-file": "--log json cho biết tệp nào đã được ghi: hãy dùng --out.",
  "no-form": "dạng nào? Hãy cho --to {{forms}}.",
  "binary-to-terminal": "tệp safetensors không hiển thị được trên màn hình: hãy cho --out TỆP.",
  "layer-not-exported":
    "--to ts ghi được các Sequential gồm {{known}}; mạng này có tầng khác ({{problem}}). Hãy dùng --to safetensors, hoặc loadRun của noron.",
  "eject-not-files": "--eject ghi chương trình cho bảng hoặc tệp IDX, để đọc lại chúng: hãy cho các tệp như vậy.",
  "eject-images":
    "--eject ghi chương trình chỉ dùng thư viện, mà thư viện không giải mã ảnh như trong {{data}}: hãy bỏ tùy chọn này, hoặc cho ảnh ở dạng tệp IDX.",
  "eject-in-pieces":
    "--eject ghi chương trình đọc cả bảng một lượt, mà {{data}} được đọc từng phần: hãy bỏ tùy chọn này, hoặc ghi chương trình cho một tệp chỉ có một số hàng.",
  "run-on-stdin": "lần chạy được huấn luyện từ đầu vào chuẩn, không thể đọc lại: hãy cho dữ liệu.",
  "no-such-layer": "không có tầng {{value}}: các tầng là {{layers}}.",
  "no-such-neuron": "không có nơ-ron {{value}}: tầng rộng nhất có {{most}}.",
  "no-such-neuron-in-layer": "không có nơ-ron {{value}}: tầng {{layer}} có {{most}}.",
  "port-taken":
    "cổng {{port}} đang được chương trình khác dùng: hãy cho cổng khác bằng --port, hoặc 0 để lấy một cổng trống.",
  "port-forbidden": "không được dùng cổng {{port}} ở đây: hãy cho một cổng trên 1023 bằng --port.",
};
