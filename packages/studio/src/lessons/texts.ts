import { texts } from "../i18n/texts.ts";

export const lessonsTexts = texts({ title: "Lessons" }, { title: "Bài học" });
