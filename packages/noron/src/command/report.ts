import { existsSync } from "node:fs";
import { join } from "node:path";
import { labelledExamples } from "../data/examples.ts";
import { formatOf } from "../data/image-files.ts";
import { type PreparedData, prepareData } from "../data/prepare.ts";
import { preparedAs } from "../data/prepare-again.ts";
import { loadRunData } from "../data/run-data.ts";
import { type LoadedData, loadData } from "../data/source.ts";
import { UsageError } from "../errors.ts";
import { spoken, t } from "../language/current.ts";
import { countClasses, measureReport, type Report, type WorstRow } from "../report/collect.ts";
import { writeReport } from "../report/write-report.ts";
import { type RunSummary, summarizeRun } from "../run/list-runs.ts";
import type { Run } from "../run/parse.ts";
import { noronVersion } from "../run/version.ts";
import { describeWarning } from "./describe.ts";
import { shellWord } from "./format.ts";
import { Log } from "./log.ts";
import { openRunFolder } from "./open-run-folder.ts";
import { writeWhole } from "./output.ts";

export interface ReportArguments {
  out?: string;
  model?: string;
  force?: boolean;
  log?: string;
}

/** noron report: what there is to say of a run, as one page that needs no network. */
export async function reportCommand(
  folder: string,
  source: string[],
  { out = join(folder, "report.html"), model, force = false, log: format }: ReportArguments,
): Promise<void> {
  const log = new Log(format === "json");
  const run = await openRunFolder(log, folder, model);
  if (!force && existsSync(out)) throw new UsageError("file-exists-force", { file: out });
  const give = `npx noron report ${shellWord(folder)} DATA`;
  const loaded = source.length > 0 ? await loadData(source, formatOf(run.preprocessing)) : await loadRunData(run, give);
  const report = await makeReport(run, summarizeRun(folder), loaded);
  writeWhole(out, writeReport(report, spoken()));
  // What was decided in training has been told there.
  if (!report.heldOut) for (const note of report.data.notes) log.note(describeWarning(note));
  log.result(t("report.written", { file: out }));
  const { scores, baseline, importance, worst, classMeasures, numberMeasures, heldOut } = report;
  log.event("report", {
    file: out,
    heldOut,
    rows: report.evaluated.actual.length,
    scores,
    baseline,
    ...(classMeasures ?? numberMeasures),
    importance,
    worst: worst.map(({ row, actual, predicted, error }) => ({ row, actual, predicted, error })),
  });
}

/** On the rows that were held out where these are the data of the run, and on all rows of others. */
async function makeReport(run: Run, summary: RunSummary, loaded: LoadedData): Promise<Report> {
  const { config, preprocessing, model } = run;
  const seed = typeof summary.settings.seed === "number" ? summary.settings.seed : 0;
  const heldOut = loaded.hash === config.data.hash;
  const options = heldOut
    ? await preparedAs({ ...config, seed }, (from) => loadData(from, formatOf(preprocessing)))
    : null;
  const prepared = options === null ? null : prepareData(loaded, options);
  const examples = prepared?.test ?? labelledExamples(preprocessing, loaded);
  const measuredOn = typeof options?.test === "object" ? options.test : testOf(loaded, prepared !== null);
  const measured = await measureReport({
    model,
    config,
    preprocessing,
    examples,
    seed,
    describeRow: (place) => describeRow(measuredOn, place),
  });
  const { backend, created, finished, epochs, bestEpoch, settings, split } = summary;
  return {
    name: summary.name,
    config,
    data: {
      name: loaded.name,
      rows: loaded.kind === "table" ? loaded.table.rowCount : loaded.images.count,
      why: prepared?.why ?? null,
      columns: prepared?.columns ?? [],
      image: preprocessing.input === "images" ? { height: preprocessing.height, width: preprocessing.width } : null,
      notes: prepared?.notes ?? examples.notes,
      classes: countClasses(partsOf(prepared) ?? [examples], run.classes),
    },
    split,
    epochs,
    bestEpoch,
    parameters: model.parameters().reduce((sum, { shape }) => sum + shape.reduce((all, extent) => all * extent, 1), 0),
    heldOut,
    ...measured,
    settings,
    environment: [
      ["noron", config.noron],
      [t("report.backend"), backend ?? "–"],
      [t("report.begun"), created ?? "–"],
      [t("report.ended"), finished ?? "–"],
      [t("report.source"), config.data.source.join(" ")],
      [t("report.hash"), config.data.hash],
      [
        t("report.reportBy"),
        `noron ${noronVersion()}, Node ${process.versions.node}, ${process.platform} ${process.arch}`,
      ],
    ].map(([name, value]) => ({ name, value })),
  };
}

function partsOf(prepared: PreparedData | null) {
  return prepared === null ? null : [prepared.training, prepared.validation, prepared.test];
}

/** The data whose rows are measured: a folder of images may keep some apart for testing. */
function testOf(loaded: LoadedData, split: boolean): LoadedData {
  if (!split || loaded.kind === "table" || loaded.test === undefined) return loaded;
  return { ...loaded, images: loaded.test };
}

function describeRow(loaded: LoadedData, place: number): Pick<WorstRow, "row" | "cells" | "pixels"> {
  if (loaded.kind === "images") {
    const { height, width, pixels } = loaded.images;
    const size = height * width;
    return { row: place, cells: [], pixels: pixels.subarray(place * size, (place + 1) * size) };
  }
  const { columns, rowNumbers } = loaded.table;
  const cells = columns.map(({ name, cells: all }) => ({ name, value: all[place] }));
  return { row: rowNumbers[place], cells, pixels: null };
}
