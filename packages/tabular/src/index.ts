// From tables and image files to plain typed arrays, in Node and in the browser. Nothing here knows of tensors.

export {
  type AppliedPreprocessing,
  applyPreprocessing,
  type ColumnCounts,
  FeatureEncoder,
  warnOfCounts,
} from "./encode/apply.ts";
export {
  type FitOptions,
  type FittedPreprocessing,
  fitCells,
  fitPreprocessing,
  type TrainingCells,
} from "./encode/fit.ts";
export { applyImages, fitImages } from "./encode/images.ts";
export { parsePreprocessing } from "./encode/parse-preprocessing.ts";
export {
  type BooleanFeature,
  type CategoryFeature,
  type ClassTarget,
  columnFeatureNames,
  type DateFeature,
  type FeatureColumn,
  featureNames,
  type ImagePreprocessing,
  imageFeatures,
  type NumberFeature,
  type NumberTarget,
  type NumberWriting,
  type Preprocessing,
  type Scaling,
} from "./encode/preprocessing.ts";
export { readingNotes, scannedReadingNotes } from "./encode/reading-notes.ts";
export {
  classNumbers,
  type EncodedClasses,
  type EncodedNumbers,
  encodeTarget,
  encodeTargetCells,
  restoreTarget,
  standardizeTarget,
} from "./encode/target.ts";
export { type FeatureWriter, featureWriter, unknownText } from "./encode/values.ts";
export { DataError, type DataErrorCode, type DataPlace, quote } from "./errors/data-error.ts";
export { nearestName } from "./errors/nearest-name.ts";
export { describeDataError } from "./errors/vietnamese.ts";
export { describeNote, describeReason, type Language } from "./notes/describe.ts";
export { isWarning, makeNote, type Note, type NoteCode, type NoteValues } from "./notes/note.ts";
export type { Reason, ReasonCode } from "./notes/reason.ts";
export type { NoteParameters } from "./notes/texts.ts";
export { appendColumns } from "./output/append-columns.ts";
export { decimalMarkOf, scannedDecimalMark } from "./output/decimal-mark.ts";
export { fnv1a64, hashData } from "./output/hash-data.ts";
export { type WriteCsvOptions, writeCsv } from "./output/write-csv.ts";
export { isMissingTarget } from "./plan/class-words.ts";
export { type ColumnChoice, type ColumnChoices, columnChoices, findColumns } from "./plan/column-choices.ts";
export { type ColumnsPlan, type PlanOptions, planColumns, planTable, type TablePlan } from "./plan/plan-table.ts";
export type { ClassMatch, PlannedTarget, Task } from "./plan/target.ts";
export type { Association } from "./profile/association.ts";
export { findRepeatedRows } from "./profile/duplicates.ts";
export { findLeaks } from "./profile/leakage.ts";
export {
  type ColumnProfile,
  type Profile,
  type ProfileOptions,
  profile,
  type TargetProfile,
} from "./profile/profile.ts";
export { type ImagesProfile, profileImages } from "./profile/profile-images.ts";
export { type NumberStorage, profilePieces } from "./profile/profile-pieces.ts";
export type { NumberSummary, ValueCount } from "./profile/summary.ts";
export { concatTables } from "./read/concat-tables.ts";
export { DamagedUtf8 } from "./read/damaged-utf8.ts";
export { textEncoding } from "./read/decode-text.ts";
export { type IdxArray, type IdxData, isIdx, readIdx } from "./read/idx.ts";
export {
  findIdxPairs,
  type IdxPairNames,
  type LabelledImages,
  type NamedBytes,
  readIdxImages,
} from "./read/idx-images.ts";
export { parseJsonTable } from "./read/json.ts";
export { isMissing, missingWords } from "./read/missing.ts";
export {
  type ByteSource,
  isParquet,
  loadParquetReader,
  readParquet,
  readParquetPieces,
} from "./read/parquet/parquet.ts";
export { type CsvOptions, parseTable } from "./read/parse-csv.ts";
export { looksLikeJson, type ReadTableOptions, readTable } from "./read/read-table.ts";
export { findColumn, placeOf, type Table, type TableColumn } from "./read/table.ts";
export { decodeWindows1252 } from "./read/windows-1252.ts";
export { type ParsedSplit, parseSplitMethod, type SplitMethod } from "./split/split-method.ts";
export { type Split, type SplitOptions, splitRows } from "./split/split-rows.ts";
export { RowSplitter, splitTable, type TableSplitOptions } from "./split/split-table.ts";
export { pieceEncoder, scannedDecimal } from "./stream/new-data.ts";
export { scanTable, type TableScan } from "./stream/scan-table.ts";
export { concatPieces, type TablePieces } from "./stream/table-pieces.ts";
export { csvPieces, jsonLinesKeys, jsonLinesPieces } from "./stream/text-pieces.ts";
export { type PieceValues, readValues, storedCells, type ValueColumn, valueColumns } from "./stream/training-values.ts";
export type { ColumnKind, ColumnType } from "./types/column-type.ts";
export { type DateOrder, type DatePart, dateParts } from "./types/date.ts";
export type { DecimalMark } from "./types/number-format.ts";
