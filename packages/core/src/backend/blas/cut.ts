/** The pieces of a product that a BLAS is called for, in rows of pieces. */
export interface Cut {
  /** How many lie one below another, and side by side. */
  readonly down: number;
  readonly across: number;
  /** The extents of each but the last. */
  readonly rows: number;
  readonly columns: number;
}

/** Pieces begin at multiples of this, so that none but the last ends in the middle of a register block. */
const GRAIN = 8;
/** No piece is narrower. */
const NARROWEST = 64;
const MOST = 16;
/** Multiplications that a piece has at least where there are more than two. */
const ENOUGH = 2 ** 26;

/**
 * How a product is cut for threads to share: the same for any number of threads, since another piece may have other last
 * bits. Each piece packs both of its factors again, which costs OpenBLAS here 2 % of the time of 512³ in 2 pieces, 6 to 8 %
 * in 4 and 14 % in 8; so there are two, and more only of large products. Whole rows, where an epilogue is to run on them
 * while they are in the cache, unless they are few.
 */
export function cutForBlas(rows: number, columns: number, inner: number, wholeRows: boolean): Cut {
  const most = Math.min(MOST, Math.max(2, (rows * columns * inner) / ENOUGH));
  let best = cut(rows, columns, 1, 1);
  let least = Number.POSITIVE_INFINITY;
  for (let pieces = 2; pieces <= most; pieces *= 2) {
    for (let down = 1; down <= pieces; down *= 2) {
      const across = pieces / down;
      if ((down > 1 && rows < down * NARROWEST) || (across > 1 && columns < across * NARROWEST)) continue;
      if (wholeRows && across > 1 && rows >= 2 * NARROWEST) continue;
      const made = cut(rows, columns, down, across);
      // Cutting rows packs the right factor again, which takes longer than the left one.
      const packed = 2 / made.rows + 1 / made.columns;
      if (pieces > best.down * best.across || packed < least) {
        best = made;
        least = packed;
      }
    }
  }
  return best;
}

function cut(rows: number, columns: number, down: number, across: number): Cut {
  const size = (extent: number, pieces: number): number =>
    pieces === 1 ? extent : Math.ceil(extent / pieces / GRAIN) * GRAIN;
  const [high, wide] = [size(rows, down), size(columns, across)];
  return { down: Math.ceil(rows / high), across: Math.ceil(columns / wide), rows: high, columns: wide };
}
