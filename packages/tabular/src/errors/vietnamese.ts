import type { Language } from "../notes/describe.ts";
import { typeOption } from "../notes/type-option.ts";
import { type DataErrorCode, type DataPlace, quote } from "./data-error.ts";

const seen = (value: string | undefined): string => (value === undefined ? "giá trị này" : quote(value));

/** @internal What is wrong and what to do, by code: as much as can be said of the place and the value alone. */
export const vietnameseErrors: Record<DataErrorCode, (place: DataPlace) => string> = {
  "empty-file": () => "tệp trống: hãy cho tệp có dữ liệu.",
  "no-rows": () => "có hàng tiêu đề nhưng không có hàng dữ liệu nào bên dưới: hãy kiểm tra lại tệp.",
  "not-text": () => "đây không phải văn bản: hãy cho tệp CSV mã UTF-8 (bảng Excel: hãy lưu trang tính dạng CSV).",
  "too-large": () => "dữ liệu lớn hơn mức đọc được: hãy dùng một phần của nó.",
  "truncated-gzip": () => "tệp gzip bị cụt hoặc hỏng: hãy chép hoặc tải lại.",
  "ragged-row": ({ row = 0 }) =>
    "số ô của hàng này khác số ô của hàng tiêu đề: hãy đặt ô có dấu phân cách trong dấu nháy kép, điền cho đủ ô, hoặc bỏ hàng." +
    (row > 10 ? "" : " Nếu phía trên tên các cột còn dòng khác, như tên của bảng, hãy xoá các dòng đó."),
  "bad-quotes": () =>
    'dấu nháy kép ở đây không khớp: hãy đóng nó lại, hoặc viết dấu nháy kép bên trong ô hai lần ("").',
  "bad-json": () => "đây không phải JSON hợp lệ: hãy sửa chỗ này.",
  "not-records": () => 'mỗi hàng phải là một đối tượng: hãy viết nó như {"tên": "giá trị"}.',
  "bad-parquet": () => "tệp Parquet này bị cụt hoặc hỏng: hãy chép hoặc tải lại.",
  "unknown-codec": () => "không đọc được cách nén của cột này: hãy ghi tệp bằng snappy, zstd hoặc gzip.",
  "different-columns": () =>
    "cột này không có trong mọi tệp: các tệp đọc cùng nhau phải có cùng các cột, hãy thêm hoặc bỏ cột này.",
  "no-such-column": ({ value, suggestion }) =>
    `không có cột ${seen(value)}.${suggestion === undefined ? " Hãy chọn một tên có trong hàng tiêu đề." : ""}`,
  "missing-column": ({ value }) =>
    `thiếu cột ${seen(value)}, cột này có trong dữ liệu huấn luyện: hãy thêm nó, giá trị chưa biết thì để trống.`,
  "no-features": () =>
    "ngoài biến mục tiêu không còn cột nào để học: mọi cột khác đều bị bỏ qua hoặc không thay đổi: hãy giữ lại thêm cột, hoặc cho dữ liệu có thêm cột.",
  "all-missing": () => "biến mục tiêu bị thiếu ở mọi hàng: hãy chọn biến mục tiêu khác.",
  "not-a-number": ({ value }) => `${seen(value)} không phải giá trị thuộc kiểu của cột này: hãy sửa ô, hoặc để trống.`,
  "not-positive": () =>
    "cần lấy logarit của biến mục tiêu, mà giá trị ở đây không dương: hãy thôi lấy logarit, hoặc chọn biến mục tiêu khác.",
  "one-class": ({ value, column = "", words = [] }) =>
    words.length > 0
      ? `biến mục tiêu là ${seen(value)} ở mọi hàng không thiếu nó, nên không có gì để học: nếu ${words.join(", ")} là một lớp, hãy dùng ${typeOption(column, "category:words")}, hoặc chọn biến mục tiêu khác.`
      : value === undefined
        ? "biến mục tiêu giống nhau ở mọi hàng huấn luyện, nên không có gì để học: hãy chọn biến mục tiêu khác."
        : `biến mục tiêu là ${quote(value)} ở mọi hàng huấn luyện, nên không có gì để học: hãy chọn biến mục tiêu khác.`,
  "too-many-classes": () =>
    "biến mục tiêu có quá nhiều giá trị khác nhau để làm lớp: hãy chọn biến mục tiêu khác, hoặc hồi quy nếu là số.",
  "unknown-class": ({ value }) => `${seen(value)} không thuộc lớp nào của lúc huấn luyện: hãy sửa ô, hoặc để trống.`,
  "too-few-rows": () => "quá ít hàng để vừa huấn luyện vừa đo chất lượng: hãy cho thêm hàng, hoặc chia theo cách khác.",
  "bad-ratio": () =>
    "các tỉ lệ để kiểm định và kiểm tra không được âm và phải có tổng nhỏ hơn 1: hãy giảm --val hoặc --test.",
  "bad-split": () => "không chia được các hàng theo cách này: hãy dùng random, stratified, time:CỘT hoặc group:CỘT.",
  "bad-choice": () => "các yêu cầu về cột này mâu thuẫn với nhau: hãy chọn một.",
  "not-a-time": ({ value }) =>
    `${seen(value)} không phải ngày như 2024-05-31 cũng không phải số, nên không xếp được thứ tự các hàng theo cột này: hãy sửa ô, hoặc chia theo cách khác.`,
  "date-order": ({ column = "" }) =>
    `không rõ ngày hay tháng đứng trước trong cột này, nên không xếp được thứ tự các hàng theo nó: hãy dùng ${typeOption(column, "date:day-first")} hoặc ${typeOption(column, "date:month-first")}.`,
  "not-idx": () => "đây không phải tệp IDX (phải bắt đầu bằng hai byte 0, rồi kiểu và số chiều): hãy cho tệp khác.",
  "truncated-idx": () => "tệp IDX bị cụt: hãy chép hoặc tải lại.",
  "idx-size": () => "kích thước mà phần đầu tệp IDX nêu không khớp với tệp: hãy chép hoặc tải lại.",
  "idx-pair": () =>
    "hai tệp IDX này không phải ảnh và nhãn thuộc về nhau: hãy cho ảnh (số lượng × cao × rộng, uint8) và nhãn (mỗi ảnh một số nguyên).",
  "image-size": () => "ảnh có kích thước hoặc màu khác với lúc huấn luyện: hãy đưa chúng về cùng dạng.",
  "corrupt-preprocessing": () =>
    "đây không phải phần tiền xử lý do noron ghi: tệp đã hỏng hoặc là tệp khác, hãy chép lại thư mục của lần chạy.",
};

/** What an error about data says, in a language; English is its own message. */
export function describeDataError(
  error: DataPlace & { code: DataErrorCode; message: string },
  language: Language,
): string {
  if (language === "en") return error.message;
  const { file, row, column, suggestion } = error;
  const parts: string[] = [];
  if (file !== undefined) parts.push(file);
  if (row !== undefined) parts.push(`hàng ${row}`);
  if (column !== undefined) parts.push(`cột ${quote(column)}`);
  const where = parts.length === 0 ? "" : `${parts.join(", ")}: `;
  const hint = suggestion === undefined ? "" : ` Có phải ý bạn là ${quote(suggestion)}?`;
  return where + vietnameseErrors[error.code](error) + hint;
}
