import { hostTensor, type HostTensor } from "../base/hostTensor.ts";
import { compositeOn, cropImage, hasTransparency, type Image, type Rgb } from "./image.ts";
import { resamplePicture } from "./resamplePicture.ts";
import { normalize } from "./transforms/normalize.ts";

/** A picture as Idefics3 takes it. */
export interface PreparedPicture {
  /** The tiles row by row, then the whole picture: `[frames, 3, side, side]`. */
  readonly pixels: HostTensor;
  /** Of tiles; 0 where there is only the whole picture. */
  readonly rows: number;
  readonly columns: number;
}

export interface PreparePictureOptions {
  /** Whether a picture is also shown in tiles. Default: as the settings say. */
  split?: boolean;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

type Config = Readonly<Record<string, unknown>>;
type Triple = readonly [number, number, number];

/** Pillow's number of its Lanczos filter. */
const lanczosFilter = 1;
const white: Rgb = [255, 255, 255];
/** No side becomes longer. */
const longestSide = 4096;

/**
 * Pictures as Idefics3 and SmolVLM take them: resized by Pillow's Lanczos filter to a longest side,
 * then to whole tiles, cut into these, with the whole picture in one frame at the end, laid on white,
 * normalised.
 *
 * Source: Laurençon et al. 2024, arXiv:2408.12637, section 3.
 *
 * @param config content of a `preprocessor_config.json` of transformers' `Idefics3ImageProcessor`
 * @throws {RangeError} naming the key that is wrong or not supported
 */
export function idefics3Preprocessing(
  config: Config,
): (image: Image, options?: PreparePictureOptions) => PreparedPicture {
  checkSteps(config);
  const longest = edgeOf(config, "size", 4 * 364);
  const side = edgeOf(config, "max_image_size", 364);
  const splits = config["do_image_splitting"] !== false;
  const mean = triple(config, "image_mean");
  const toTensor = normalize({ mean, std: triple(config, "image_std") });
  return (image, { split = splits } = {}) => {
    const large = resized(withoutAlpha(image), pictureSize(image, longest));
    const { frames, rows, columns } = split ? tiles(large, side) : whole(large, side);
    // The published order: sizes first, with their transparency, which shows at borders.
    const opaque = frames.map((frame) =>
      frame.channels === 4 ? compositeOn(frame, white) : frame,
    );
    return { pixels: joined(opaque.map(toTensor)), rows, columns };
  };
}

/** A picture that is opaque everywhere in three channels; others as they are. */
function withoutAlpha(image: Image): Image {
  return image.channels === 4 && !hasTransparency(image) ? compositeOn(image, white) : image;
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

interface Frames {
  readonly frames: Image[];
  readonly rows: number;
  readonly columns: number;
}

function whole(image: Image, side: number): Frames {
  return { frames: [resized(image, { width: side, height: side })], rows: 0, columns: 0 };
}

function tiles(image: Image, side: number): Frames {
  const large = resized(image, tiledSize(image, side));
  const [rows, columns] = [large.height / side, large.width / side];
  if (rows * columns === 1) return { frames: [large], rows: 0, columns: 0 };
  const frames = Array.from({ length: rows * columns }, (_, i) =>
    cropImage(large, (i % columns) * side, Math.floor(i / columns) * side, side, side),
  );
  return { frames: [...frames, ...whole(large, side).frames], rows, columns };
}

function resized(image: Image, { width, height }: Size): Image {
  return resamplePicture(image, width, height, "lanczos");
}

function joined(frames: readonly HostTensor[]): HostTensor {
  const [{ shape, values: first }] = [frames[0]!];
  const values = new Float32Array(frames.length * first.length);
  for (const [i, frame] of frames.entries()) values.set(frame.values, i * first.length);
  return hostTensor(values, [frames.length, ...shape]);
}

/** Steps that we always take, and the one filter that we know. */
function checkSteps(config: Config): void {
  for (const key of ["do_convert_rgb", "do_resize", "do_rescale", "do_normalize"]) {
    if ((config[key] ?? true) !== true) throw problem(key, "true", config);
  }
  if ((config["resample"] ?? lanczosFilter) !== lanczosFilter) {
    throw problem("resample", `${lanczosFilter}, the Lanczos filter`, config);
  }
  const factor = config["rescale_factor"] ?? 1 / 255;
  if (Math.abs(Number(factor) - 1 / 255) > 1e-9) throw problem("rescale_factor", "1/255", config);
}

/** Pixels under `longest_edge`. */
function edgeOf(config: Config, key: string, fallback: number): number {
  const side: unknown = Object(config[key] ?? { longest_edge: fallback }).longest_edge;
  if (typeof side === "number" && Number.isInteger(side) && side > 0) return side;
  throw problem(key, "pixels as longest_edge", config);
}

function triple(config: Config, key: string): Triple {
  const value = config[key] ?? [0.5, 0.5, 0.5];
  if (Array.isArray(value) && value.length === 3) {
    const [red, green, blue]: unknown[] = value;
    if (typeof red === "number" && typeof green === "number" && typeof blue === "number") {
      return [red, green, blue];
    }
  }
  throw problem(key, "three numbers", config);
}

function problem(key: string, expected: string, config: Config): RangeError {
  return new RangeError(
    `Cannot prepare pictures for Idefics3: key "${key}": expected ${expected}, got ${JSON.stringify(config[key])}`,
  );
}
