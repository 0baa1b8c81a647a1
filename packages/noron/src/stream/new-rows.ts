import {
  DataError,
  type DecimalMark,
  decimalMarkOf,
  encodeTargetCells,
  type Note,
  type Preprocessing,
  pieceEncoder,
  scannedDecimal,
  scannedDecimalMark,
  scannedReadingNotes,
  type Table,
  warnOfCounts,
} from "@noron/tabular";
import { type AnyPreprocessing, labelledExamples, type MemoryExamples, plainExamples } from "../data/examples.ts";
import type { LoadedData } from "../data/source.ts";
import { InputError } from "../errors.ts";
import type { LoadedStream } from "./load-stream.ts";
import type { AnyData } from "./open-data.ts";

/** New rows, prepared as in training. */
export interface NewRows {
  /** What there is to warn of, once all rows have been gone through. */
  readonly notes: readonly Note[];
  /** That of the numbers that came in, to write others beside them. */
  readonly decimalMark: "." | ",";
  /**
   * All rows as they are, with or without a target.
   * @throws DataError as plainExamples does; of rows in pieces it is known at the end that most cells of a column cannot be read
   */
  plain(): AsyncIterable<ExamplePiece>;
  /**
   * The rows whose target is known, with it.
   * @throws DataError as labelledExamples does
   */
  labelled(): AsyncIterable<ExamplePiece>;
}

/** Some of the rows, as examples. */
export interface ExamplePiece {
  examples: MemoryExamples;
  /** The table that they are the rows of; undefined for images. */
  table: Table | undefined;
  /** The files of images that have one each. */
  files?: readonly string[];
}

/**
 * Rows to be predicted or measured, at once where they are in memory, or piece by piece.
 * @throws InputError for rows of another kind than those of training
 */
export function newRows(preprocessing: AnyPreprocessing, loaded: AnyData): NewRows {
  return loaded.kind === "stream" ? new RowsInPieces(preprocessing, loaded) : new RowsAtOnce(preprocessing, loaded);
}

class RowsAtOnce implements NewRows {
  notes: Note[] = [];

  constructor(
    private readonly preprocessing: AnyPreprocessing,
    private readonly loaded: LoadedData,
  ) {}

  get decimalMark(): "." | "," {
    const { preprocessing, loaded } = this;
    return preprocessing.input === "table" && loaded.kind === "table"
      ? decimalMarkOf(preprocessing, loaded.table)
      : ".";
  }

  async *plain(): AsyncGenerator<ExamplePiece> {
    // Classes that training had not are nothing to images that are only to be predicted.
    const { loaded } = this;
    const unlabelled = loaded.kind === "images" && { ...loaded, images: { ...loaded.images, labels: undefined } };
    yield this.#piece(plainExamples(this.preprocessing, unlabelled || loaded));
  }

  async *labelled(): AsyncGenerator<ExamplePiece> {
    yield this.#piece(labelledExamples(this.preprocessing, this.loaded));
  }

  #piece(examples: MemoryExamples): ExamplePiece {
    const { loaded } = this;
    this.notes = examples.notes;
    if (loaded.kind === "table") return { examples, table: loaded.table };
    return { examples, table: undefined, files: loaded.images.files };
  }
}

class RowsInPieces implements NewRows {
  notes: Note[] = [];
  readonly #preprocessing: Preprocessing;

  constructor(
    preprocessing: AnyPreprocessing,
    private readonly loaded: LoadedStream,
  ) {
    if (preprocessing.input === "images") throw new InputError("table-for-images", { file: loaded.name });
    this.#preprocessing = preprocessing;
  }

  get decimalMark(): "." | "," {
    return scannedDecimalMark(this.#preprocessing, this.loaded.scan);
  }

  plain(): AsyncGenerator<ExamplePiece> {
    return this.#pieces((table) => ({
      rows: Int32Array.from({ length: table.rowCount }, (_, row) => row),
      target: null,
    }));
  }

  labelled(): AsyncGenerator<ExamplePiece> {
    const { target } = this.#preprocessing;
    const decimal: DecimalMark = scannedDecimal(this.loaded.scan, target.name, target);
    const pieces = this.#pieces((table) => {
      const all = Int32Array.from({ length: table.rowCount }, (_, row) => row);
      const encoded = encodeTargetCells(target, table, all, decimal);
      return { rows: encoded.rows, target: encoded };
    });
    return this.#refuseNone(pieces);
  }

  async *#refuseNone(pieces: AsyncIterable<ExamplePiece>): AsyncGenerator<ExamplePiece> {
    let none = true;
    for await (const piece of pieces) {
      none = false;
      yield piece;
    }
    if (!none) return;
    const place = { file: this.loaded.name, column: this.#preprocessing.target.name };
    throw new DataError("all-missing", "the target is missing in every row.", place);
  }

  async *#pieces(
    choose: (table: Table) => { rows: Int32Array; target: MemoryExamples["target"] },
  ): AsyncGenerator<ExamplePiece> {
    const encoder = pieceEncoder(this.#preprocessing, this.loaded.scan);
    for await (const table of this.loaded.pieces.pieces()) {
      const { rows, target } = choose(table);
      const inputs = encoder.encode(table, rows);
      if (rows.length === 0) continue;
      yield { table, examples: { inputs, width: encoder.width, count: rows.length, rows, target, notes: [] } };
    }
    const points = scannedReadingNotes(this.#preprocessing, this.loaded.scan);
    this.notes = [...points, ...encoder.finish().flatMap(warnOfCounts)];
  }
}
