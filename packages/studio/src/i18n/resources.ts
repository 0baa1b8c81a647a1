import { appTexts } from "../app-texts.ts";
import { dataTexts } from "../data/texts.ts";
import { insideTexts } from "../inside/texts.ts";
import { lessonsTexts } from "../lessons/texts.ts";
import { networkTexts } from "../network/texts.ts";
import { runTexts } from "../run/texts.ts";
import { trainTexts } from "../train/texts.ts";

/** All texts of the page by the part that they belong to: t("train:run"). */
const parts = {
  app: appTexts,
  data: dataTexts,
  inside: insideTexts,
  lessons: lessonsTexts,
  network: networkTexts,
  run: runTexts,
  train: trainTexts,
};

export type Resources = { [Part in keyof typeof parts]: (typeof parts)[Part]["en"] };

const inLanguage = (language: "en" | "vi") =>
  Object.fromEntries(Object.entries(parts).map(([part, texts]) => [part, texts[language]]));

export const resources = { en: inLanguage("en"), vi: inLanguage("vi") };
