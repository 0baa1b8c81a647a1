import { texts } from "../i18n/texts.ts";

export const dataTexts = texts({ title: "Data" }, { title: "Dữ liệu" });
