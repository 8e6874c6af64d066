/** A picture in a frame of patches, from the frame's corner at the top left. */
export interface PatchFrame {
  /** Of the frame. */
  rows: number;
  columns: number;
  /** Patches along the side of the table of positions. */
  side: number;
  /** Of the picture, as many as the frame's by default. */
  validRows?: number;
  validColumns?: number;
}

/**
 * Number of each patch's place in a square table of positions: the picture, whatever its size, is
 * spread over the whole table. Patches of padding have place 0.
 *
 * Source: Dehghani et al. 2023, arXiv:2307.06304, section 3.2; fractions are rounded to float32 as
 * transformers has them, which decides where one falls on the border of two places.
 *
 * @returns `rows * columns` numbers, row by row
 */
export function framePositions({
  rows,
  columns,
  side,
  validRows = rows,
  validColumns = columns,
}: PatchFrame): Int32Array {
  const [down, across] = [places(validRows, side), places(validColumns, side)];
  const positions = new Int32Array(rows * columns);
  for (const [y, row] of down.entries()) {
    for (const [x, column] of across.entries()) positions[y * columns + x] = row * side + column;
  }
  return positions;
}

/** Place along one axis for each of `count` patches: how many borders are at or before it. */
function places(count: number, side: number): number[] {
  const step = Math.fround(1 / count);
  const borders = Array.from({ length: side - 1 }, (_, i) => Math.fround((i + 1) / side));
  return Array.from({ length: count }, (_, i) => {
    const place = Math.fround(i * step);
    return borders.filter((border) => border <= place).length;
  });
}
