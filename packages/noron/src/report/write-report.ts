import { describeNote, describeReason } from "@noron/tabular";
import { fixed } from "../language/fixed.ts";
import type { Language } from "../language/language.ts";
import { type Translate, translator } from "../language/translate.ts";
import { isOwn } from "../model/own-network.ts";
import { type Report, type ReportEpoch, WORST, type WorstRow } from "./collect.ts";
import { type EvaluatedRows, rowErrors } from "./evaluated-rows.ts";
import { Html, html } from "./html.ts";
import { chart, type Series } from "./line-chart.ts";
import { pictureAddress } from "./picture.ts";
import { STYLE } from "./style.ts";

/** More classes than this make no table that can be looked at. */
const MOST_CLASSES = 40;
/** More points than this hide each other. */
const MOST_POINTS = 800;
const MOST_COLUMNS = 60;
const MOST_FEATURES = 30;

/** A report as one page of HTML, with nothing that is fetched and no script. */
export function writeReport(report: Report, language: Language): string {
  const t = translator(language);
  const title = t("report.title", { run: report.name });
  const sections = [
    section("result", t("report.result"), result(report, t)),
    section("data", t("report.data"), data(report, t, language)),
    section("training", t("report.training"), training(report, t)),
    ...(report.classMeasures === null
      ? [section("errors", t("report.residuals"), residuals(report, t))]
      : [
          section("confusion", t("report.confusion"), confusion(report, t)),
          section("classes", t("report.perClass"), perClass(report, t)),
        ]),
    section("calibration", t("report.calibration"), calibration(report, t)),
    section("importance", t("report.importance"), importance(report, t)),
    section("worst", t("report.worst"), worst(report, t)),
    section("settings", t("report.settings"), settings(report, t)),
  ];
  const page = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header><h1>${title}</h1>${lead(report, t)}</header>
<main>
${sections}
</main>
<footer><p>${t("report.madeBy", { version: report.config.noron })}</p></footer>
</body>
</html>
`;
  return page.text;
}

function section(id: string, title: string, content: readonly Html[]): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`;
}

type Cell = string | number | Html;

interface Table {
  caption: string;
  head: readonly string[];
  rows: readonly (readonly Cell[])[];
  /** Which columns hold numbers. */
  numbers?: (column: number) => boolean;
}

/** A table that can be scrolled by keys where it is too wide; the first cell of a row is its heading. */
function table({ caption, head, rows, numbers = (column) => column > 0 }: Table): Html {
  const kind = (column: number) => (numbers(column) ? "number" : "text");
  return html`<div class="table" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>
<thead><tr>${head.map((text, column) => html`<th scope="col" class="${kind(column)}">${text}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell, column) => (column === 0 ? html`<th scope="row">${cell}</th>` : html`<td class="${kind(column)}">${cell}</td>`))}</tr>`)}</tbody></table></div>`;
}

function details(summary: string, content: Html): Html {
  return html`<details><summary>${summary}</summary>${content}</details>`;
}

function figure(drawing: Html, caption: string, series: readonly Series[] = []): Html {
  const legend = series.map(({ name, style }) => html`<span class="key ${style}">${name}</span>`);
  return html`<figure>${drawing}<figcaption>${caption}${legend.length === 0 ? "" : html`<span class="legend">${legend}</span>`}</figcaption></figure>`;
}

const paragraph = (text: string): Html => html`<p>${text}</p>`;

/** So many rows, or images. */
function countOf({ data: { image } }: Report, count: number, t: Translate): string {
  return image === null ? t("words.rows", { count }) : t("words.images", { count });
}

function lead(report: Report, t: Translate): Html {
  const { config, scores, baseline, evaluated, heldOut, trainedFiles } = report;
  const rows = countOf(report, evaluated.actual.length, t);
  const name = config.task === "classification" ? "accuracy" : "rmse";
  const score = { score: scoreName(name, t), value: short(scores[name]), baseline: short(baseline[name]) };
  const other = trainedFiles.length > 0 ? "report.leadTrainedOn" : "report.leadOther";
  return html`<p class="lead">${t(heldOut ? "report.leadHeldOut" : other, { ...score, rows, target: config.target })}</p>`;
}

function result(report: Report, t: Translate): Html[] {
  const { config, scores, baseline, evaluated } = report;
  const answer = onlyAnswer(report);
  const always = evaluated.kind === "classes" ? t("report.alwaysCommonest") : t("report.alwaysMean");
  return [
    table({
      caption: t("report.scores"),
      head: [t("report.score"), t("scores.network"), always],
      rows: Object.entries(scores).map(([name, value]) => [
        config.weighted && name === "loss" ? t("scores.lossUnweighted") : scoreName(name, t),
        short(value),
        baseline[name] === undefined ? "–" : short(baseline[name]),
      ]),
    }),
    ...(Number.isNaN(scores.r2) ? [paragraph(`${t("scores.noR2")}.`)] : []),
    ...(answer === null ? [] : [paragraph(`${answerText(report, answer, t)}.`)]),
  ];
}

/** The class that every row is taken for, although they are of several; null where answers differ. */
function onlyAnswer({ classMeasures, evaluated }: Report): string | null {
  if (classMeasures === null || evaluated.kind !== "classes") return null;
  const { confusion: matrix } = classMeasures;
  const said = evaluated.classes.filter((_, answer) => matrix.some((row) => row[answer] > 0));
  const actual = matrix.filter((row) => row.some((times) => times > 0));
  return said.length === 1 && actual.length > 1 ? said[0] : null;
}

function answerText(report: Report, answer: string, t: Translate): string {
  const rows = countOf(report, report.evaluated.actual.length, t);
  const text = t("scores.onlyAnswer", { rows, class: `“${answer}”` });
  return text[0].toUpperCase() + text.slice(1);
}

function data(report: Report, t: Translate, language: Language): Html[] {
  const { data: of, config, split, heldOut } = report;
  const size =
    of.image === null
      ? t("data.size", {
          rows: t("words.rows", { count: of.rows }),
          columns: t("words.columns", { count: of.columns.length + 1 }),
        })
      : t("data.imageSize", { images: t("words.images", { count: of.rows }), ...of.image }) +
        (of.image.channels === 3 ? t("data.inColour") : "");
  const about = [paragraph(`${of.name}: ${size}.`)];
  // The task of a run that is prepared again is asked for, which says nothing of it.
  const task = { task: t(`words.${config.task}`), target: `“${config.target}”` };
  about.push(paragraph(t("report.task", task)));
  const parts = t("data.split", {
    training: countOf(report, split.training, t),
    validation: split.validation,
    test: split.test,
  });
  about.push(paragraph(`${parts}.`));
  if (of.classes.length > 0)
    about.push(
      details(
        t("report.classesOf", { count: of.classes.length }),
        table({
          caption: heldOut ? t("report.classesOfAll") : t("data.headClasses"),
          head: [t("report.class"), t("report.rows")],
          rows: of.classes.map(({ name, rows }) => [name, t("words.amount", { amount: rows })]),
        }),
      ),
    );
  const shown = of.columns.slice(0, MOST_COLUMNS);
  if (shown.length > 0)
    about.push(
      table({
        caption: t("data.headColumns"),
        head: [t("report.column"), t("report.kind"), t("report.missing"), t("report.why")],
        rows: shown.map(({ name, kind, missing, why }) => [
          name,
          t(`data.${kind}`),
          t("words.amount", { amount: missing }),
          describeReason(why, language),
        ]),
        numbers: (column) => column === 2,
      }),
    );
  if (of.columns.length > shown.length)
    about.push(paragraph(t("words.andMore", { count: of.columns.length - shown.length })));
  const notes = of.notes
    .filter(({ code }) => code !== "task")
    .map((note) => html`<li>${describeNote(note, language)}</li>`);
  if (notes.length > 0) about.push(details(t("report.notes", { count: notes.length }), html`<ul>${notes}</ul>`));
  return about;
}

function training({ epochs, bestEpoch, config }: Report, t: Translate): Html[] {
  if (epochs.length === 0) return [paragraph(t("report.noEpochs"))];
  const points = (of: (epoch: ReportEpoch) => number | null) =>
    epochs.flatMap((each) => {
      const y = of(each);
      return y === null ? [] : [{ x: each.epoch, y }];
    });
  const losses: Series[] = [
    { name: t("report.trainingSet"), style: "first", points: points(({ loss }) => loss) },
    { name: t("report.validationSet"), style: "second", points: points(({ validationLoss }) => validationLoss) },
  ];
  const last = epochs[epochs.length - 1];
  const best = epochs.find(({ epoch }) => epoch === bestEpoch);
  const description = t("report.lossText", {
    first: short(epochs[0].loss),
    last: short(last.loss),
    epochs: epochs.length,
    best: bestEpoch ?? "–",
    validation: best?.validationLoss == null ? "–" : short(best.validationLoss),
  });
  const options = { vertical: bestEpoch, whole: true };
  const axis = { x: t("report.epoch"), y: t("report.loss") };
  const charts = [
    figure(chart("loss", { title: t("report.lossCurve"), description, ...axis }, losses, options), description, losses),
  ];
  const accuracies = points(({ validationAccuracy }) => validationAccuracy);
  if (config.task === "classification" && accuracies.length > 0) {
    const series: Series[] = [{ name: t("report.validationSet"), style: "second", points: accuracies }];
    const said = t("report.accuracyText", {
      first: short(accuracies[0].y),
      last: short(accuracies[accuracies.length - 1].y),
      best: best?.validationAccuracy == null ? "–" : short(best.validationAccuracy),
    });
    const text = { title: t("report.accuracyCurve"), description: said, x: t("report.epoch"), y: t("scores.accuracy") };
    charts.push(figure(chart("accuracy", text, series, options), said, series));
  }
  const rows = epochs.map(({ epoch, loss, validationLoss, validationAccuracy }) => [
    epoch === bestEpoch ? `${epoch} *` : epoch,
    short(loss),
    shortOrDash(validationLoss),
    ...(accuracies.length > 0 ? [shortOrDash(validationAccuracy)] : []),
  ]);
  const head = [t("report.epoch"), t("report.trainingLoss"), t("report.validationLoss")];
  if (accuracies.length > 0) head.push(t("report.validationAccuracy"));
  return [
    html`<div class="charts">${charts}</div>`,
    ...(config.weighted ? [paragraph(t("report.weightedLosses"))] : []),
    details(t("report.numbersOfEpochs"), table({ caption: t("report.epochs"), head, rows })),
  ];
}

function confusion({ classMeasures, evaluated }: Report, t: Translate): Html[] {
  if (classMeasures === null || evaluated.kind !== "classes") return [];
  const { confusion: matrix } = classMeasures;
  const { classes } = evaluated;
  const pairs = matrix.flatMap((row, actual) =>
    row.flatMap((times, said) => (actual !== said && times > 0 ? [{ actual, said, times }] : [])),
  );
  pairs.sort((a, b) => b.times - a.times);
  const told =
    pairs.length === 0
      ? paragraph(t("report.noErrors"))
      : html`<p>${t("report.mostConfused")}</p><ul>${pairs.slice(0, 5).map(({ actual, said, times }) => html`<li>${t("report.confused", { actual: classes[actual], said: classes[said], rows: t("words.rows", { count: times }) })}</li>`)}</ul>`;
  if (classes.length > MOST_CLASSES) return [told, paragraph(t("report.tooManyClasses", { count: classes.length }))];
  const cell = (times: number, actual: number, said: number) => {
    const whole = matrix[actual].reduce((sum, each) => sum + each, 0);
    const share = whole === 0 ? 0 : times / whole;
    const kind = actual === said ? "right" : "wrong";
    // Steps, so that text on them can be read in light and dark.
    const step = times === 0 ? 0 : Math.max(1, Math.ceil(share * 4));
    return html`<td class="number ${kind} step${step}">${t("words.amount", { amount: times })}</td>`;
  };
  const caption = t("report.confusionText");
  return [
    told,
    html`<div class="table matrix" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>
<thead><tr><th scope="col">${t("report.actualSaid")}</th>${classes.map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${matrix.map((row, actual) => html`<tr><th scope="row">${classes[actual]}</th>${row.map((times, said) => cell(times, actual, said))}</tr>`)}</tbody></table></div>`,
  ];
}

function perClass({ classMeasures }: Report, t: Translate): Html[] {
  if (classMeasures === null) return [];
  return [
    table({
      caption: t("report.perClassText"),
      head: [t("report.class"), t("report.precision"), t("report.recall"), "F1", t("report.rows")],
      rows: classMeasures.classes.map(({ name, precision, recall, f1, rows }) => [
        name,
        shortOrDash(precision),
        shortOrDash(recall),
        shortOrDash(f1),
        t("words.amount", { amount: rows }),
      ]),
    }),
  ];
}

function residuals({ evaluated, numberMeasures }: Report, t: Translate): Html[] {
  if (evaluated.kind !== "number" || numberMeasures === null) return [];
  const { predicted, actual } = evaluated;
  const rows = rowsToPlot(evaluated);
  const all = t("words.rows", { count: actual.length });
  const count = rows.length === actual.length ? all : t("report.someRows", { count: rows.length, all });
  const against = rows.map((row) => ({ x: predicted[row], y: actual[row] }));
  const errors = rows.map((row) => ({ x: predicted[row], y: predicted[row] - actual[row] }));
  const [, low, , middle, , high] = numberMeasures.quantiles;
  const range = { low: short(low.error), middle: short(middle.error), high: short(high.error) };
  const describe = (title: string, description: string, y: string) => ({
    title,
    description,
    x: t("report.predicted"),
    y,
  });
  const one = t("report.againstText", { rows: count });
  const other = t("report.residualText", { ...range, rows: count });
  return [
    html`<div class="charts">${[
      figure(
        chart(
          "against",
          describe(t("report.against"), one, t("report.actual")),
          [{ name: "", style: "first", points: against }],
          {
            marks: true,
            diagonal: true,
          },
        ),
        one,
      ),
      figure(
        chart(
          "residual",
          describe(t("report.residuals"), other, t("report.error")),
          [{ name: "", style: "second", points: errors }],
          {
            marks: true,
            zeroLine: true,
          },
        ),
        other,
      ),
    ]}</div>`,
    table({
      caption: t("report.quantiles"),
      head: [t("report.shareOfRows"), t("report.errorAtMost")],
      rows: numberMeasures.quantiles.map(({ share, error }) => [`${Math.round(100 * share)}\u00a0%`, short(error)]),
    }),
  ];
}

/** Rows spread over all, and with them those whose errors are largest: no error lies outside the axes. */
function rowsToPlot(evaluated: EvaluatedRows): number[] {
  const errors = rowErrors(evaluated);
  const every = Math.ceil(errors.length / MOST_POINTS);
  const worst = Array.from(errors.keys())
    .sort((a, b) => errors[b] - errors[a])
    .slice(0, WORST);
  const spread = Array.from(errors.keys()).filter((row) => row % every === 0);
  return [...new Set([...spread, ...worst])];
}

function calibration({ classMeasures, numberMeasures, evaluated }: Report, t: Translate): Html[] {
  if (classMeasures !== null) {
    const { calibration: bins, calibrationError } = classMeasures;
    const description = t("report.calibrationText", { error: percent(calibrationError) });
    const series: Series[] = [
      {
        name: t("report.observed"),
        style: "first",
        points: bins.map(({ probability, right }) => ({ x: probability, y: right })),
      },
    ];
    const text = { title: t("report.calibration"), description, x: t("report.probability"), y: t("report.right") };
    return [
      html`<div class="charts">${figure(chart("calibrated", text, series, { marks: true, diagonal: true, unit: true }), description)}</div>`,
      table({
        caption: t("report.calibrationTable"),
        head: [t("report.probability"), t("report.rows"), t("report.meanProbability"), t("report.right")],
        rows: bins.map(({ from, to, rows, probability, right }) => [
          `${Math.round(100 * from)}–${Math.round(100 * to)}\u00a0%`,
          t("words.amount", { amount: rows }),
          percent(probability),
          percent(right),
        ]),
      }),
    ];
  }
  if (numberMeasures === null || evaluated.kind !== "number") return [];
  const description = t("report.numberCalibrationText");
  const points = numberMeasures.calibration.map(({ predicted, actual }) => ({ x: predicted, y: actual }));
  const text = { title: t("report.calibration"), description, x: t("report.meanPredicted"), y: t("report.meanActual") };
  return [
    html`<div class="charts">${figure(chart("calibrated", text, [{ name: "", style: "first", points }], { marks: true, diagonal: true }), description)}</div>`,
    table({
      caption: t("report.calibrationTable"),
      head: [t("report.part"), t("report.rows"), t("report.meanPredicted"), t("report.meanActual")],
      rows: numberMeasures.calibration.map(({ rows, predicted, actual }, index) => [
        index + 1,
        t("words.amount", { amount: rows }),
        short(predicted),
        short(actual),
      ]),
    }),
  ];
}

function importance({ importance: all, config, data: of }: Report, t: Translate): Html[] {
  if (of.image !== null) return [paragraph(t("report.importanceImages")), squares(all, t)];
  const shown = all.slice(0, MOST_FEATURES);
  const most = Math.max(...shown.map(({ mean }) => mean), 0);
  const measure = config.task === "classification" ? t("report.lostAccuracy") : t("report.gainedRmse");
  const write = (value: number) => (config.task === "classification" ? percent(value) : short(value));
  const rows = shown.map(({ name, mean, deviation }) => {
    const share = most > 0 ? Math.max(0, (100 * mean) / most) : 0;
    return [
      name,
      html`<span class="bar" style="width:${share.toFixed(1)}%"></span>`,
      `${write(mean)} ± ${write(deviation)}`,
    ];
  });
  return [
    paragraph(t("report.importanceText")),
    table({
      caption: measure,
      head: [t("report.column"), t("report.bar"), measure],
      rows,
      numbers: (column) => column === 2,
    }),
    ...(all.length > shown.length ? [paragraph(t("words.andMore", { count: all.length - shown.length }))] : []),
  ];
}

/** Squares of the images where they lie. */
function squares(all: Report["importance"], t: Translate): Html {
  const most = Math.max(...all.map(({ mean }) => mean), 0);
  const of = new Map(all.map(({ name, mean }) => [name, mean]));
  const places = [...of.keys()].map((name) => name.split(", ").map(Number));
  const [lines, across] = [0, 1].map((side) => Math.max(...places.map((place) => place[side])));
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  const cell = (mean: number) => {
    const step = mean <= 0 || most === 0 ? 0 : Math.max(1, Math.ceil((4 * mean) / most));
    return html`<td class="number right step${step}">${percent(mean)}</td>`;
  };
  const caption = t("report.lostAccuracy");
  return html`<div class="table matrix" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>
<thead><tr><th scope="col">${t("report.square")}</th>${numbers(across).map((place) => html`<th scope="col" class="number">${place}</th>`)}</tr></thead>
<tbody>${numbers(lines).map((row) => html`<tr><th scope="row">${row}</th>${numbers(across).map((place) => cell(of.get(`${row}, ${place}`) ?? 0))}</tr>`)}</tbody></table></div>`;
}

function worst({ worst: rows, data: of, config }: Report, t: Translate): Html[] {
  const classes = config.task === "classification";
  const wrong = rows.some(({ actual, predicted }) => actual !== predicted);
  const about = paragraph(t(!classes ? "report.worstNumbers" : wrong ? "report.worstClasses" : "report.leastSure"));
  if (of.image !== null) return [about, pictures(rows, of.image, t)];
  const names = rows[0].cells
    .map(({ name }) => name)
    .filter((name) => name !== config.target)
    .slice(0, MOST_COLUMNS);
  const cells = (row: WorstRow) => names.map((name) => row.cells.find((cell) => cell.name === name)?.value ?? "");
  const said = (row: WorstRow) =>
    row.probability === null ? row.predicted : `${row.predicted} (${percent(row.probability)})`;
  return [
    about,
    table({
      caption: t("report.worstTable"),
      head: [
        t("report.row"),
        t("report.actual"),
        t("report.predicted"),
        ...(classes ? [] : [t("report.error")]),
        ...names,
      ],
      rows: rows.map((row) => [
        row.where,
        row.actual,
        said(row),
        ...(classes ? [] : [short(row.error)]),
        ...cells(row),
      ]),
      numbers: (column) => !classes && column > 0 && column < 4,
    }),
  ];
}

function pictures(rows: readonly WorstRow[], size: NonNullable<Report["data"]["image"]>, t: Translate): Html {
  const items = rows.map(({ where, actual, predicted, probability, pixels }) => {
    const said = { row: where, actual, predicted, probability: percent(probability ?? 0) };
    const address = pixels === null ? "" : pictureAddress(pixels, size);
    return html`<li><img src="${address}" alt="${t("report.imageText", said)}" width="84" height="84"><span>${t("report.imageShort", said)}</span></li>`;
  });
  return html`<ul class="pictures">${items}</ul>`;
}

function settings({ config, settings: of, environment, parameters }: Report, t: Translate): Html[] {
  const network = isOwn(config.network)
    ? config.network.module.path
    : [config.network.inputs, ...config.network.hidden, config.network.outputs].join(" → ");
  const rows: [string, string][] = [
    ["network", network],
    ["parameters", t("words.amount", { amount: parameters })],
    ...Object.entries(of).map(([name, value]): [string, string] => [name, settingText(value)]),
  ];
  const two = (caption: string, list: readonly (readonly [string, string])[]) =>
    table({ caption, head: [t("report.what"), t("report.value")], rows: list, numbers: () => false });
  return [
    two(t("report.settingsTable"), rows),
    two(
      t("report.environment"),
      environment.map(({ name, value }) => [name, value] as const),
    ),
  ];
}

function settingText(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const SCORES = ["accuracy", "f1", "r2", "rmse", "mae", "loss"] as const;

function scoreName(name: string, t: Translate): string {
  const known = SCORES.find((each) => each === name);
  return known === undefined ? name : t(`scores.${known}`);
}

/** Four digits that matter. */
function short(value: number): string {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-4)) return value.toExponential(2);
  return size >= 1000 ? value.toFixed(1) : value.toFixed(4);
}

function shortOrDash(value: number | null): string {
  return value === null ? "–" : short(value);
}

/** A space that breaks no line stands before the sign. */
function percent(share: number): string {
  return `${fixed(100 * share, 1)}\u00a0%`;
}
