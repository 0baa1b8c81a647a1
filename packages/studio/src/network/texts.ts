import { texts } from "../i18n/texts.ts";

export const networkTexts = texts(
  {
    title: "Network",
    problem: {
      "missing-file": "The file {{name}} is not in the link: drop it on the Data page.",
      "no-layers": "The network has no layers: add one.",
      "wrong-outputs":
        "The network gives {{given}} numbers an example, and {{loss}} needs {{wanted}} for these data: set the size of the last linear layer to {{wanted}}, or leave it open.",
      "not-a-row":
        "The network gives {{shape}} numbers an example, and a row is needed: put Flatten in front of the linear layers.",
      "needs-probabilities":
        "{{loss}} takes probabilities: end the network with {{activation}}, or choose the loss that takes logits.",
      "needs-log-probabilities":
        "{{loss}} takes logarithms of probabilities, and the network ends with {{activation}}: end it with LogSoftmax, or choose CrossEntropyLoss.",
      "wrong-task":
        "{{loss}} is for classes, and these data have numbers to be learned: choose MSELoss, L1Loss or HuberLoss.",
      "no-parameters": "Nothing in this network can be learned: add a linear layer.",
      "too-large": "The network would have {{parameters}} weights; a page takes {{most}} at most.",
    },
  },
  {
    title: "Mạng",
    problem: {
      "missing-file": "Tệp {{name}} không nằm trong liên kết: hãy thả nó vào trang Dữ liệu.",
      "no-layers": "Mạng chưa có lớp nào: hãy thêm một lớp.",
      "wrong-outputs":
        "Mạng cho ra {{given}} số mỗi mẫu, nhưng {{loss}} cần {{wanted}} với dữ liệu này: đặt kích thước lớp tuyến tính cuối là {{wanted}}, hoặc để tự động.",
      "not-a-row": "Mạng cho ra {{shape}} số mỗi mẫu, nhưng cần một hàng: đặt Flatten trước các lớp tuyến tính.",
      "needs-probabilities":
        "{{loss}} nhận xác suất: kết thúc mạng bằng {{activation}}, hoặc chọn hàm mất mát nhận logit.",
      "needs-log-probabilities":
        "{{loss}} nhận logarit của xác suất, nhưng mạng kết thúc bằng {{activation}}: kết thúc bằng LogSoftmax, hoặc chọn CrossEntropyLoss.",
      "wrong-task": "{{loss}} dành cho các lớp, nhưng dữ liệu này cần học số: chọn MSELoss, L1Loss hoặc HuberLoss.",
      "no-parameters": "Mạng này không có gì để học: hãy thêm một lớp tuyến tính.",
      "too-large": "Mạng sẽ có {{parameters}} trọng số; trang này nhận nhiều nhất {{most}}.",
    },
  },
);
