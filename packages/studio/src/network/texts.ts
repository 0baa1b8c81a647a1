import { texts } from "../i18n/texts.ts";

export const networkTexts = texts({ title: "Network" }, { title: "Mạng" });
