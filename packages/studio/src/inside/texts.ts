import { texts } from "../i18n/texts.ts";

export const insideTexts = texts({ title: "Inside" }, { title: "Bên trong" });
