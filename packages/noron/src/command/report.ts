import { join } from "node:path";
import { type ImagePreprocessing, imageFeatures, placeOf } from "@noron/tabular";
import { type AnyPreprocessing, type Examples, labelledExamples } from "../data/examples.ts";
import { formatOf } from "../data/image-files.ts";
import type { PreparedData } from "../data/prepare.ts";
import { heldOutSources, preparedAs } from "../data/prepare-again.ts";
import { loadRunData } from "../data/run-data.ts";
import type { LoadedData } from "../data/source.ts";
import { filesTrainedOn } from "../data/trained-on.ts";
import { InputError, UsageError } from "../errors.ts";
import { spoken, t } from "../language/current.ts";
import { notesUnderWeights } from "../model/class-weights.ts";
import { countClasses, measureReport, type Report, type RowContents } from "../report/collect.ts";
import { writeReport } from "../report/write-report.ts";
import { canonical } from "../run/canonical.ts";
import { type RunSummary, summarizeRun } from "../run/list-runs.ts";
import type { Run } from "../run/parse.ts";
import { noronVersion } from "../run/version.ts";
import { type AnyData, isInPieces, openData, prepareAny, rowsOf } from "../stream/open-data.ts";
import { rowContents, whereOf } from "../stream/row-contents.ts";
import { labelledStream } from "../stream/stored-examples.ts";
import { describeTrainedOn, describeWarning } from "./describe.ts";
import { shellWord } from "./format.ts";
import { Log } from "./log.ts";
import { openRunFolder } from "./open-run-folder.ts";
import { isTaken, writeWhole } from "./output.ts";
import { tellReading } from "./tell-plan.ts";

export interface ReportArguments {
  out?: string;
  model?: string;
  force?: boolean;
  stream?: boolean;
  log?: string;
}

/** noron report: what there is to say of a run, as one page that needs no network. */
export async function reportCommand(
  folder: string,
  source: string[],
  { out = join(folder, "report.html"), model, force = false, stream, log: logFormat }: ReportArguments,
): Promise<void> {
  const log = new Log(logFormat === "json");
  const run = await openRunFolder(log, folder, model);
  if (!force && isTaken(out)) throw new UsageError("file-exists-force", { file: out });
  const give = `npx noron report ${shellWord(folder)} DATA`;
  const { config, preprocessing } = run;
  const data = source.length > 0 ? source : config.data.source;
  const inPieces = isInPieces([...data, ...heldOutSources(config.preparation)], stream);
  const format = formatOf(preprocessing);
  const load = (from: string[]) => openData(from, { stream: inPieces, format });
  const open = (from: string[]) => openData(from, { stream: inPieces, format, tell: tellReading(log) });
  const loaded = source.length > 0 ? await open(source) : await loadRunData(run, give, open);
  const report = await makeReport(run, summarizeRun(folder), loaded, load);
  writeWhole(out, writeReport(report, spoken()));
  // What was decided in training has been told there.
  if (!report.heldOut) for (const note of report.data.notes) log.note(describeWarning(note));
  if (report.trainedFiles.length > 0) log.note(describeTrainedOn(report.trainedFiles, loaded));
  log.result(t("report.written", { file: out }));
  const { scores, baseline, importance, worst, classMeasures, numberMeasures, heldOut, trainedFiles } = report;
  log.event("report", {
    file: out,
    heldOut,
    trainedFiles,
    rows: report.evaluated.actual.length,
    scores,
    baseline,
    ...(classMeasures ?? numberMeasures),
    importance,
    worst: worst.map(({ row, where, actual, predicted, error }) => ({ row, where, actual, predicted, error })),
  });
}

/** On the rows that were held out where these are the data of the run, and on all rows of others. */
async function makeReport(
  run: Run,
  summary: RunSummary,
  loaded: AnyData,
  load: (source: string[]) => Promise<AnyData>,
): Promise<Report> {
  const { config, preprocessing, model } = run;
  const seed = typeof summary.settings.seed === "number" ? summary.settings.seed : 0;
  const heldOut = loaded.hash === config.data.hash;
  const trainedFiles = heldOut ? [] : filesTrainedOn(loaded, config.data);
  const options = heldOut ? await preparedAs({ ...config, seed }, load) : null;
  const prepared = options === null ? null : await prepareAny(loaded, options);
  if (prepared !== null) requireSameRows(run, summary, prepared, loaded);
  const parts = prepared === null ? null : partsOf(run, prepared, loaded);
  const examples = parts?.test ?? (await labelledAny(preprocessing, loaded));
  const measuredOn = typeof options?.test === "object" ? options.test : testOf(loaded, prepared !== null);
  const measured = await measureReport({
    model,
    config,
    preprocessing,
    examples,
    seed,
    describeRows: (places) => describeRows(measuredOn, places, loaded.name),
  });
  const { backend, created, finished, epochs, bestEpoch, settings, split } = summary;
  const { notes } = prepared ?? examples;
  return {
    name: summary.name,
    config,
    data: {
      name: loaded.name,
      rows: rowsOf(loaded),
      why: prepared?.why ?? null,
      columns: prepared?.columns ?? [],
      image: preprocessing.input === "images" ? imageSizeOf(preprocessing) : null,
      notes: settings.classWeights ? notesUnderWeights(notes) : notes,
      classes: countClasses(parts === null ? [examples] : [parts.training, parts.validation, parts.test], run.classes),
    },
    split,
    epochs,
    bestEpoch,
    parameters: model.parameters().reduce((sum, { shape }) => sum + shape.reduce((all, extent) => all * extent, 1), 0),
    heldOut,
    trainedFiles,
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

/**
 * What is held out now was not trained on only where rows are split as they were.
 * @throws InputError where the version of noron that trained the run read the data otherwise
 */
function requireSameRows(
  { config, preprocessing }: Run,
  { folder, split }: RunSummary,
  { preprocessing: now, preparation, training, validation, test }: PreparedData,
  loaded: AnyData,
): void {
  const targetOf = (each: AnyPreprocessing) => ("target" in each ? each.target : each);
  const counts = { training: training.count, validation: validation.count, test: test.count };
  const others = canonical([targetOf(preprocessing), split]) !== canonical([targetOf(now), counts]);
  // Rows of a table at hand are prepared again as the run does; others were prepared as it is done now.
  const encoded = loaded.kind !== "table" || typeof preparation.test === "object";
  if (others || (encoded && canonical(preprocessing) !== canonical(now)))
    throw new InputError("other-reading", { folder, data: loaded.name, version: config.noron });
}

/**
 * The parts of the data as the run itself prepares rows: what a noron of today would make of the table may be something
 * else than what that of the training did.
 */
function partsOf(
  { preprocessing }: Run,
  { training, validation, test, ...prepared }: PreparedData,
  loaded: AnyData,
): Pick<PreparedData, "training" | "validation" | "test"> {
  const same = JSON.stringify(prepared.preprocessing) === JSON.stringify(preprocessing);
  if (same || loaded.kind !== "table") return { training, validation, test };
  const again = (part: Examples, held: unknown) =>
    typeof held === "number" ? labelledExamples(preprocessing, loaded, part.rows) : part;
  const { preparation } = prepared;
  return {
    training: again(training, 1),
    validation: again(validation, preparation.validation),
    test: again(test, preparation.test),
  };
}

/** The data whose rows are measured: a folder of images may keep some apart for testing. */
function testOf(loaded: AnyData, split: boolean): AnyData {
  if (!split || loaded.kind !== "images" || loaded.test === undefined) return loaded;
  return { ...loaded, images: loaded.test };
}

async function labelledAny(preprocessing: AnyPreprocessing, loaded: AnyData): Promise<Examples> {
  return loaded.kind === "stream" ? labelledStream(preprocessing, loaded) : labelledExamples(preprocessing, loaded);
}

function imageSizeOf({ height, width, channels = 1 }: ImagePreprocessing) {
  return { height, width, channels };
}

/** @param data the name of the report's data: of rows in other files, the file is said */
async function describeRows(loaded: AnyData, places: readonly number[], data: string): Promise<RowContents[]> {
  if (loaded.kind === "stream") return rowContents(loaded, places, data);
  return places.map((place) => describeRow(loaded, place, data));
}

function describeRow(loaded: LoadedData, place: number, data: string): RowContents {
  if (loaded.kind === "images") {
    const { images, name } = loaded;
    const size = imageFeatures(images);
    const where = images.files?.[place] ?? whereOf({ file: name, row: place }, data);
    return { row: place, where, cells: [], pixels: images.pixels.subarray(place * size, (place + 1) * size) };
  }
  const { table } = loaded;
  const cells = table.columns.map(({ name, cells: all }) => ({ name, value: all[place] }));
  const found = placeOf(table, place);
  return { row: found.row, where: whereOf(found, data), cells, pixels: null };
}
