/** @file Sizes of Idefics3's frames, which are known from a picture's own size alone. */

/** Content of a `preprocessor_config.json` of transformers' `Idefics3ImageProcessor`. */
export type PreprocessorConfig = Readonly<Record<string, unknown>>;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Idefics3Sizes {
  /** Longest side that a picture is given, in pixels. */
  readonly longest: number;
  /** Of a frame. */
  readonly side: number;
  /** Whether pictures are shown in tiles. */
  readonly splits: boolean;
}

/** No side becomes longer. */
const longestSide = 4096;

/** @throws {RangeError} naming the key that is wrong */
export function idefics3Sizes(config: PreprocessorConfig): Idefics3Sizes {
  return {
    longest: edgeOf(config, "size", 4 * 364),
    side: edgeOf(config, "max_image_size", 364),
    splits: config["do_image_splitting"] !== false,
  };
}

/**
 * Tiles that a picture is cut into; 0 where there is only the whole picture.
 *
 * @param split whether a picture is also shown in tiles
 */
export function idefics3Grid(
  picture: Size,
  { longest, side }: Idefics3Sizes,
  split: boolean,
): { readonly rows: number; readonly columns: number } {
  const { width, height } = tiledSize(pictureSize(picture, longest), side);
  const [rows, columns] = [height / side, width / side];
  return split && rows * columns > 1 ? { rows, columns } : { rows: 0, columns: 0 };
}

/**
 * Size with the longest side as wanted. The other is made even.
 *
 * @returns sides of at most 4096 pixels
 */
export function pictureSize({ width, height }: Size, longest: number): Size {
  const aspect = width / height;
  const even = (length: number): number => Math.max(1, length + (length % 2));
  const wanted =
    width >= height
      ? { width: longest, height: even(Math.trunc(longest / aspect)) }
      : { width: even(Math.trunc(longest * aspect)), height: longest };
  return belowLongest(wanted);
}

function belowLongest({ width, height }: Size): Size {
  if (Math.max(width, height) <= longestSide) return { width, height };
  const aspect = width / height;
  return width >= height
    ? { width: longestSide, height: Math.max(1, Math.trunc(longestSide / aspect)) }
    : { width: Math.max(1, Math.trunc(longestSide * aspect)), height: longestSide };
}

/** Size in whole tiles, the longer side first. */
export function tiledSize({ width, height }: Size, side: number): Size {
  const aspect = width / height;
  const up = (length: number): number => Math.ceil(length / side) * side;
  return width >= height
    ? { width: up(width), height: up(Math.trunc(up(width) / aspect)) }
    : { width: up(Math.trunc(up(height) * aspect)), height: up(height) };
}

/** Pixels under `longest_edge`. */
function edgeOf(config: PreprocessorConfig, key: string, fallback: number): number {
  const side: unknown = Object(config[key] ?? { longest_edge: fallback }).longest_edge;
  if (typeof side === "number" && Number.isInteger(side) && side > 0) return side;
  throw idefics3Problem(key, "pixels as longest_edge", config);
}

export function idefics3Problem(
  key: string,
  expected: string,
  config: PreprocessorConfig,
): RangeError {
  return new RangeError(
    `Cannot prepare pictures for Idefics3: key "${key}": expected ${expected}, got ${JSON.stringify(config[key])}`,
  );
}
