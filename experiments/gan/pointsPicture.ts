import { rgbImage, type RgbImage } from "seedbed";

/** Pixels of a side. */
const side = 192;
/** Each point darkens its pixel and those beside it. */
const ink = 70;

/**
 * Points as dots, darker where there are many. What lies outside is left out.
 *
 * @param coordinates x and y by turns; y goes up
 * @param extent what the picture shows, from `-extent` to `extent` in both directions
 */
export function pointsPicture(coordinates: Float32Array, extent: number): RgbImage {
  const data = new Uint8Array(side * side * 3).fill(255);
  const toPixel = (value: number): number => Math.floor(((value + extent) / (2 * extent)) * side);
  for (let i = 0; i + 1 < coordinates.length; i += 2) {
    const [column, row] = [toPixel(coordinates[i]!), side - 1 - toPixel(coordinates[i + 1]!)];
    for (const [dx, dy] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [-1, 0],
      [0, -1],
    ] as const) {
      darken(data, column + dx, row + dy);
    }
  }
  return rgbImage(side, side, data);
}

function darken(data: Uint8Array, column: number, row: number): void {
  if (column < 0 || column >= side || row < 0 || row >= side) return;
  const at = (row * side + column) * 3;
  for (let channel = 0; channel < 3; channel++) {
    data[at + channel] = Math.max(0, data[at + channel]! - ink);
  }
}
