import { quote } from "../errors/data-error.ts";
import { describeDataError } from "../errors/vietnamese.ts";
import type { MeantAsNumbers, ReasonTexts } from "./reason.ts";
import { percent as englishPercent, type LeftOut, type NoteTexts } from "./texts.ts";
import { typeOption } from "./type-option.ts";

/** Whether numbers are Vietnamese too while a text is made: on a terminal they are as in files, in the studio they are. */
let ownNumbers = false;
const amount = (value: number): string =>
  ownNumbers ? value.toLocaleString("vi") : value.toLocaleString("en-US").replaceAll(",", "\u00a0");
const percent = (share: number): string =>
  ownNumbers ? englishPercent(share).replace(".", ",") : englishPercent(share);

/** @internal A text with the numbers in it as Vietnamese writes them. */
export function withOwnNumbers(write: () => string): string {
  ownNumbers = true;
  try {
    return write();
  } finally {
    ownNumbers = false;
  }
}

const groupedHint = 'chúng giống số có dấu ngăn cách hàng nghìn: hãy viết không có dấu đó ("1234.5")';

function hintText({ hint, numbers, value, row }: MeantAsNumbers): string {
  switch (hint) {
    case "none":
      return "";
    case "thousands":
      return `; ${groupedHint}`;
    case "unit":
      return "; chúng giống số kèm đơn vị: hãy chỉ viết số";
    case "time":
      return "; chúng giống giờ trong ngày hoặc khoảng thời gian: hãy viết thành số, như số giờ";
    case "cells":
      return `; ${amount(numbers)} ô là số, và ${quote(value)} ở hàng ${row} là ô đầu tiên không phải số: với kiểu number những ô như vậy là giá trị thiếu`;
  }
}

/** @internal The Vietnamese of every reason. */
export const vietnameseReasons: ReasonTexts = {
  "as-asked": () => "theo yêu cầu",
  "not-kept": () => "không nằm trong các cột được giữ lại",
  "all-missing": () => "mọi ô đều bị thiếu",
  constant: ({ value }) => `mọi ô đều là ${quote(value)}`,
  "value-or-missing": ({ value }) => `mỗi ô hoặc là ${quote(value)} hoặc bị thiếu`,
  "numbers-rows": () => "cột này đánh số các hàng",
  "groups-rows": () => "các hàng được chia theo nó, nên các phần khác có giá trị khác",
  numbers: ({ count, unique }) => `${amount(count)} số, ${amount(unique)} giá trị khác nhau`,
  "yes-or-no": ({ values }) => `mọi giá trị đều là có hoặc không: ${values.map(quote).join(", ")}`,
  dates: () => "ngày tháng, tách thành số ngày từ năm 1970, tháng, ngày, thứ và giờ",
  "all-different": ({ count, ...meant }) => `cả ${amount(count)} giá trị chữ đều khác nhau${hintText(meant)}`,
  "many-texts": ({ count, unique, ...meant }) =>
    `${amount(unique)} trong ${amount(count)} giá trị chữ khác nhau, quá nhiều để học${hintText(meant)}`,
  texts: ({ unique }) => `${amount(unique)} giá trị chữ khác nhau`,
  "target-mostly-numbers": () => "hầu hết giá trị của biến mục tiêu là số",
  "target-yes-or-no": () => "biến mục tiêu là có hoặc không",
  "target-text": () => "biến mục tiêu là văn bản",
  "target-codes": () => "các số của biến mục tiêu bắt đầu bằng số 0, như mã",
  "target-decimals": () => "biến mục tiêu là số thập phân",
  "target-many-numbers": ({ unique }) => `biến mục tiêu là số với ${amount(unique)} giá trị khác nhau`,
  "target-few-numbers": ({ unique }) =>
    `biến mục tiêu chỉ có ${unique} số nguyên khác nhau; hãy chọn hồi quy nếu đó là đại lượng đo`,
};

const isLeftOut = ({ column, why, ...parameters }: LeftOut): string => {
  const text = vietnameseReasons[why] as (parameters: object) => string;
  return `cột ${quote(column)} bị bỏ qua: ${text(parameters)}`;
};

const taskNames: Readonly<Record<string, string>> = { classification: "phân loại", regression: "hồi quy" };

const measureNames: Readonly<Record<string, string>> = {
  correlation: "hệ số tương quan",
  "correlation-ratio": "tỉ số tương quan",
  "cramers-v": "hệ số V của Cramér",
};

/** @internal The Vietnamese of every note. */
export const vietnameseNotes: NoteTexts = {
  encoding: () => "tệp không phải UTF-8; được đọc theo Windows-1252, hãy kiểm tra xem chữ có dấu có đúng không",
  "damaged-text": ({ count }) =>
    `tệp là UTF-8, trừ ${amount(count)} ký tự hỏng, hiện thành "\ufffd" trong bảng: hãy sửa các ô có chúng nếu cần`,
  "duplicate-header": ({ column, name, position }) =>
    `có nhiều cột tên ${quote(name)}; cột thứ ${position} được gọi là ${quote(column)}`,
  "unnamed-column": ({ column, position }) => `cột thứ ${position} không có tên; nó được gọi là ${quote(column)}`,
  "header-looks-like-data": () =>
    "hàng đầu tiên được coi là tên các cột nhưng trông giống các hàng bên dưới: hãy thêm một hàng tên cột ở trên nếu đó là dữ liệu",
  "blank-rows": ({ count }) => `đã bỏ qua ${amount(count)} dòng trống`,
  "title-lines": ({ count, value }) =>
    `đã bỏ qua tiêu đề ở trên tên các cột, không có gì bên cạnh: ${quote(value)}${count > 1 ? ` và ${amount(count - 1)} dòng nữa` : ""}`,
  "comment-lines": ({ count }) => `đã bỏ qua ${amount(count)} dòng bắt đầu bằng #, coi là chú thích`,
  "trailing-separators": ({ count }) => `${amount(count)} hàng có dấu ngăn cách thừa ở cuối, đã được bỏ`,
  "row-names": () => "hàng tiêu đề ít hơn các hàng một ô: cột đầu tiên được coi là tên của các hàng",
  "second-header": ({ row, cells, names }) =>
    names
      ? `hàng ${row} cũng được coi là tên các cột: ${cells.map(quote).join(", ")}`
      : `hàng ${row} bị bỏ qua: nó chứa đơn vị hoặc tên, còn bên dưới là số: ${cells.map(quote).join(", ")}`,
  "totals-row": ({ row, value }) =>
    `hàng ${row}, hàng cuối, bị bỏ qua: nó bắt đầu bằng ${quote(value)} và chứa tổng của các hàng khác`,
  "totals-kept": ({ row, value }) =>
    `hàng ${row}, hàng cuối, bắt đầu bằng ${quote(value)} và được coi là dữ liệu như các hàng khác: hãy xoá nó khỏi tệp nếu nó chứa tổng`,
  "missing-words": ({ column, words }) => `cột ${quote(column)}: ${words.join(", ")} được đọc là giá trị thiếu`,
  "nested-column": ({ column }) =>
    `cột ${quote(column)} bị bỏ qua: các ô của nó là danh sách hoặc đối tượng; hãy viết từng thành phần thành cột riêng`,

  "decimal-comma": ({ column }) => `cột ${quote(column)}: dấu phẩy được đọc là dấu thập phân`,
  "comma-in-doubt": ({ column, decimal }) =>
    decimal
      ? `cột ${quote(column)}: dấu phẩy được đọc là dấu thập phân ("1,234" lớn hơn 1 một chút); nếu nó ngăn cách hàng nghìn, hãy dùng ${typeOption(column, "number:point")}`
      : `cột ${quote(column)}: dấu phẩy đứng trước ba chữ số có thể ngăn cách hàng nghìn hoặc là dấu thập phân; nó không được đọc là số: hãy dùng ${typeOption(column, "number:point")} hoặc ${typeOption(column, "number:comma")}`,
  "new-points-thousands": ({ column, value, row, number }) =>
    `cột ${quote(column)}: ${quote(value)} ở hàng ${row} được đọc là ${number}, theo hàng nghìn hoặc dấu phẩy thập phân lúc huấn luyện hoặc của tệp này; nếu dấu chấm là dấu thập phân, hãy viết ${quote(value.replace(".", ","))}`,
  "new-points-decimal": ({ column, value, row, number }) =>
    `cột ${quote(column)}: ${quote(value)} ở hàng ${row} được đọc là ${number} (dấu chấm thập phân), dù lúc huấn luyện dùng dấu phẩy thập phân, vì tệp này không dùng; nếu dấu chấm ngăn cách hàng nghìn, hãy viết ${quote(value.replace(".", ""))}`,
  "new-points-plain": ({ column, value, row, number }) =>
    `cột ${quote(column)}: ${quote(value)} ở hàng ${row} được đọc là ${number} (dấu chấm thập phân), dù các số lúc huấn luyện không có phần thập phân; nếu dấu chấm ngăn cách hàng nghìn, hãy viết ${quote(value.replace(".", ""))}`,
  "new-sign": ({ column, value, row, number, sign, trained }) =>
    `cột ${quote(column)}: ${quote(value)} ở hàng ${row} được đọc là ${number}, ` +
    (trained === ""
      ? `còn các số lúc huấn luyện không có ${quote(sign)}: hãy viết nó như lúc huấn luyện`
      : `dù các số lúc huấn luyện có ${quote(trained)}${sign === "" ? " còn nó thì không: nếu nó là tỉ lệ so với 1, hoặc theo đơn vị khác, hãy đổi sang đơn vị lúc đó" : ": hãy đổi nó sang đơn vị đó"}`),
  "new-date-order": ({ column, dayFirst }) =>
    `cột ${quote(column)}: một số ngày chỉ có thể là ${dayFirst ? "ngày" : "tháng"} đứng trước, còn lúc huấn luyện thì ${dayFirst ? "tháng" : "ngày"} đứng trước: những ô đó là giá trị thiếu, và "3/4/2024" được đọc là ${dayFirst ? "4 tháng 3" : "3 tháng 4"}; hãy viết ngày với năm đứng trước, như 2024-05-31`,
  "points-are-thousands": ({ column, value, number }) =>
    `cột ${quote(column)}: dấu chấm được đọc là ngăn cách hàng nghìn (${quote(value)} là ${number}), vì dấu thập phân là dấu phẩy, loại tiền này không có phần thập phân hoặc các số trông như vậy; nếu nó là dấu thập phân, hãy dùng ${typeOption(column, "number:point")}`,
  "points-in-doubt": ({ column, value, number }) =>
    `cột ${quote(column)}: mọi dấu chấm đều đứng trước ba chữ số và được đọc là dấu thập phân (${quote(value)} là ${number} với dấu chấm thập phân); nếu nó ngăn cách hàng nghìn, hãy dùng ${typeOption(column, "number:comma")}`,
  "commas-are-thousands": ({ column }) =>
    `cột ${quote(column)}: dấu phẩy được đọc là ngăn cách hàng nghìn ("1,234" là 1234); nếu nó là dấu thập phân, hãy dùng ${typeOption(column, "number:comma")}`,
  "units-left-out": ({ column, value, number, other, partly }) =>
    `cột ${quote(column)}: bỏ ký hiệu tiền tệ và phần trăm, nên ${quote(value)} được đọc là ${number}` +
    (other === "" ? "" : `, và bỏ cả ký hiệu khác của ${quote(other)}: hãy đưa về cùng một đơn vị`) +
    (partly ? "; không phải số nào cũng có ký hiệu, hãy chắc rằng chúng cùng một đơn vị" : ""),
  "negative-numbers": ({ column, value }) =>
    `cột ${quote(column)}: số trong ngoặc đơn hoặc có dấu trừ ở cuối, như ${quote(value)}, được đọc là số âm`,
  "not-numbers": ({ column, count, value, row }) =>
    `cột ${quote(column)}: ${amount(count)} ô không phải số, được đọc là giá trị thiếu; ô đầu tiên là ${quote(value)} ở hàng ${row}`,
  "not-dates": ({ column, count, value, row }) =>
    `cột ${quote(column)}: ${amount(count)} ô không phải ngày, được đọc là giá trị thiếu; ô đầu tiên là ${quote(value)} ở hàng ${row}`,
  "missing-code": ({ column, value, count, low, high }) =>
    `cột ${quote(column)}: ${amount(count)} ô là ${value}, còn mọi số khác từ ${low} đến ${high}: nếu nó thay cho giá trị thiếu, hãy để trống các ô đó`,
  "texts-like-numbers": ({ column, ...meant }) => `cột ${quote(column)} được coi là chữ${hintText(meant)}`,
  "some-numbers": ({ column, numbers, value, row }) =>
    `cột ${quote(column)} được coi là chữ dù ${amount(numbers)} ô là số: ${quote(value)} ở hàng ${row} là ô đầu tiên không phải số; với ${typeOption(column, "number")} những ô như vậy là giá trị thiếu`,
  codes: ({ column, value }) =>
    `cột ${quote(column)}: số bắt đầu bằng 0, như ${quote(value)}, là mã, nên cột được coi là chữ; nếu là đại lượng, hãy dùng ${typeOption(column, "number")}`,
  "day-first": ({ column }) =>
    `cột ${quote(column)}: ngày tháng được đọc với ngày đứng trước ("3/4/2024" là 3 tháng 4), vì có ngày lớn hơn 12; nếu không phải, hãy dùng ${typeOption(column, "date:month-first")}`,
  "month-first": ({ column }) =>
    `cột ${quote(column)}: ngày tháng được đọc với tháng đứng trước ("3/4/2024" là 4 tháng 3), vì có ngày lớn hơn 12; nếu không phải, hãy dùng ${typeOption(column, "date:day-first")}`,
  "ambiguous-date": ({ column }) =>
    `cột ${quote(column)}: không rõ ngày hay tháng đứng trước, nên các ô không được đọc là ngày tháng: hãy dùng ${typeOption(column, "date:day-first")} hoặc ${typeOption(column, "date:month-first")}`,
  "spelled-alike": ({ column, target, count, groups }) =>
    `${target ? "biến mục tiêu" : "cột"} ${quote(column)}: ${groups.join("; ")}${count > groups.length ? "; …" : ""} ` +
    `chỉ khác nhau ở chữ hoa hoặc dấu cách, và được coi là các ${target ? "lớp" : "hạng mục"} riêng: ` +
    "nếu chúng là một, hãy viết chúng giống nhau trong tệp",
  "zones-left-out": ({ column, value, other }) =>
    `cột ${quote(column)}: giờ được đọc nguyên như viết, không tính múi giờ, mà các múi giờ lại khác nhau, như ${quote(value)} và ${quote(other)}: hãy đưa về cùng một múi giờ`,
  "constant-column": isLeftOut,
  "identifier-column": isLeftOut,
  "many-values": isLeftOut,
  "all-missing": isLeftOut,
  "ignored-column": isLeftOut,
  "missing-target": ({ column, count, words }) =>
    `đã bỏ qua ${amount(count)} hàng vì thiếu biến mục tiêu ${quote(column)}` +
    (words.length === 0
      ? ""
      : `; nếu ${words.join(", ")} là một lớp, hãy dùng ${typeOption(column, "category:words")}`),
  "class-words": ({ column, words }) =>
    `${words.join(", ")} của biến mục tiêu ${quote(column)} được coi là một lớp; nếu nó nói rằng chưa biết lớp, hãy dùng ${typeOption(column, "category:missing")}`,
  task: ({ task, why, ...parameters }) => {
    const text = vietnameseReasons[why] as (parameters: object) => string;
    return `${taskNames[task]}: ${text(parameters)}`;
  },

  "tiny-data": ({ count }) => `chỉ có ${amount(count)} hàng: các điểm số sẽ rất kém chắc chắn`,
  "rare-class": ({ count, parts, classes }) =>
    `${amount(count)} lớp có ít hơn ${parts} hàng, không có mặt trong mọi phần của phép chia: ` +
    `${classes.join(", ")}${count > classes.length ? ", …" : ""}`,
  "class-not-trained": ({ count, classes }) =>
    `${amount(count)} lớp không có hàng nào trong tập huấn luyện, nên không thể học được gì về chúng: ` +
    `${classes.map(quote).join(", ")}${count > classes.length ? ", …" : ""}`,
  "time-split": ({ column, until, validation, test }) => {
    const parts = [`huấn luyện đến ${until}`];
    if (validation !== "") parts.push(`kiểm định (chọn epoch) từ ${validation}`);
    if (test !== "") parts.push(`kiểm tra từ ${test} trở đi`);
    return `các hàng được chia theo thời gian ${quote(column)}: ${parts.join(", ")}`;
  },
  "undated-rows": ({ column, count }) =>
    `${amount(count)} hàng không có thời gian trong ${quote(column)} được dùng để huấn luyện, vì không thể đo gì trên chúng`,
  "group-split": ({ column, groups, validation, test }) =>
    `các hàng được chia theo ${quote(column)}: trong ${amount(groups)} nhóm, ${validation} nhóm để kiểm định (chọn epoch) và ${test} nhóm để kiểm tra, không nhóm nào nằm ở hai phần`,
  filled: ({ column, count, by, value, indicator }) => {
    const what = {
      median: `trung vị ${value}`,
      "own-category": "một hạng mục riêng",
      commonest: `giá trị thường gặp hơn "${value}"`,
      "median-date": "ngày trung vị",
    }[by];
    const also = indicator ? ", và có thêm một đặc trưng cho biết chỗ thiếu" : "";
    return `cột ${quote(column)}: ${amount(count)} ô thiếu trong các hàng huấn luyện được điền bằng ${what}${also}`;
  },
  "rare-categories": ({ column, count, most }) =>
    `cột ${quote(column)} có ${count} hạng mục: dùng ${most} hạng mục thường gặp nhất, các hạng mục khác gộp làm một`,
  "constant-in-training": ({ column }) => `cột ${quote(column)} bị bỏ qua: nó giống nhau trong mọi hàng huấn luyện`,
  "log-feature": ({ column }) =>
    `cột ${quote(column)}: dùng logarit của nó, vì một số ít giá trị lớn hơn hẳn phần còn lại`,
  "log-target": ({ column }) => `học logarit của biến mục tiêu ${quote(column)}`,

  "unseen-category": ({ column, count, value, row, like }) =>
    `cột ${quote(column)}: ${amount(count)} ô có hạng mục chưa gặp khi huấn luyện, được coi là thiếu; ô đầu tiên là ${quote(value)} ở hàng ${row}` +
    (like === "" ? "" : `, mà khi huấn luyện viết là ${quote(like)}`),
  unreadable: ({ column, count, value, row, points }) =>
    `cột ${quote(column)}: ${amount(count)} ô không đọc được, được coi là thiếu; ô đầu tiên là ${quote(value)} ở hàng ${row}` +
    (points
      ? `, trong đó dấu chấm chỉ có thể ngăn cách hàng nghìn, còn lúc huấn luyện dấu chấm được đọc là dấu thập phân; nếu lúc đó nó cũng ngăn cách hàng nghìn, hãy huấn luyện lại với ${typeOption(column, "number:comma")}`
      : ""),
  clipped: ({ column, count }) =>
    `cột ${quote(column)}: ${amount(count)} giá trị ở rất xa các giá trị huấn luyện, được kéo lại gần`,

  "leak-equal": ({ column, target }) =>
    `cột ${quote(column)} chính là biến mục tiêu ${quote(target)} dưới tên khác: hãy bỏ nó, trừ khi nó được biết trước biến mục tiêu`,
  "leak-missing": ({ column, target, share }) =>
    `chỉ riêng việc ô của cột ${quote(column)} có giá trị hay trống đã cho biết biến mục tiêu ${quote(target)} trong ${percent(share)} số hàng: hãy chắc rằng nó được biết trước biến mục tiêu, nếu không hãy bỏ nó`,
  "leak-class": ({ column, target, share }) =>
    `chỉ riêng cột ${quote(column)} đã cho biết biến mục tiêu ${quote(target)} trong ${percent(share)} số hàng: hãy chắc rằng nó được biết trước biến mục tiêu, nếu không hãy bỏ nó`,
  "leak-number": ({ column, target, measure, value }) =>
    `cột ${quote(column)} đi rất sát biến mục tiêu ${quote(target)} (${measureNames[measure] ?? measure} ${value.toFixed(4)}): hãy chắc rằng nó được biết trước biến mục tiêu, nếu không hãy bỏ nó`,
  "target-problem": ({ error, ...why }) =>
    `không thể học biến mục tiêu: ${describeDataError({ code: error, ...why }, "vi")}`,
  "class-imbalance": ({ column, value, share, rarest, rarestCount, weighted = false }) =>
    `các lớp của ${quote(column)} có kích thước chênh lệch: luôn trả lời ${quote(value)} đã đúng ${percent(share)} số hàng, còn ${quote(rarest)} chỉ có ${amount(rarestCount)} hàng; hãy xem F1, đừng chỉ xem độ chính xác${weighted ? "" : ", và đặt trọng số cho các lớp nếu lớp hiếm là quan trọng"}`,
  "duplicate-rows": ({ count, share }) =>
    `${amount(count)} hàng (${percent(share)}) trùng với một hàng trước đó: nằm ở cả tập huấn luyện lẫn tập kiểm tra, chúng làm điểm số trông tốt hơn thực tế`,
  "duplicate-column": ({ column, other }) => `cột ${quote(column)} giống hệt ${quote(other)}: hãy bỏ một trong hai cột`,
  "mostly-missing": ({ column, share }) => `cột ${quote(column)} bị thiếu ở ${percent(share)} số hàng`,
  "far-values": ({ column, count }) =>
    `cột ${quote(column)}: ${amount(count)} giá trị cách trung bình hơn mười độ lệch chuẩn; hãy tìm lỗi gõ nhầm`,
  "dated-rows": ({ column }) =>
    `các hàng có ngày tháng theo ${quote(column)}: nếu các hàng mới sẽ muộn hơn, hãy chia theo thời gian`,
  "group-column": ({ column, unique }) =>
    `cột ${quote(column)} giống tên của đối tượng mà hàng nói tới (${unique} tên khác nhau): nếu các hàng của một đối tượng thuộc về nhau, hãy chia theo nhóm; hãy bỏ cột này nếu sẽ có đối tượng mới`,
  unscaled: ({ column, other, ratio }) =>
    `độ phân tán của ${quote(column)} gấp ${amount(ratio)} lần của ${quote(other)}: khi huấn luyện chúng được đưa về cùng thang đo; chương trình riêng của bạn cũng phải làm vậy`,
  "wide-data": ({ columns, rows }) =>
    `${amount(columns)} cột để học và ${amount(rows)} hàng: mạng có thể học thuộc lòng những hàng như vậy`,
};
