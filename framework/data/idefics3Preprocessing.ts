import { hostTensor, type HostTensor } from "../base/hostArray.ts";
import {
  idefics3Problem,
  idefics3Sizes,
  pictureSize,
  tiledSize,
  type PreprocessorConfig,
  type Size,
} from "./idefics3Sizes.ts";
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

type Triple = readonly [number, number, number];

/** Pillow's number of its Lanczos filter. */
const lanczosFilter = 1;
const white: Rgb = [255, 255, 255];

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
  config: PreprocessorConfig,
): (image: Image, options?: PreparePictureOptions) => PreparedPicture {
  checkSteps(config);
  const { longest, side, splits } = idefics3Sizes(config);
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
function checkSteps(config: PreprocessorConfig): void {
  for (const key of ["do_convert_rgb", "do_resize", "do_rescale", "do_normalize"]) {
    if ((config[key] ?? true) !== true) throw idefics3Problem(key, "true", config);
  }
  if ((config["resample"] ?? lanczosFilter) !== lanczosFilter) {
    throw idefics3Problem("resample", `${lanczosFilter}, the Lanczos filter`, config);
  }
  const factor = config["rescale_factor"] ?? 1 / 255;
  if (Math.abs(Number(factor) - 1 / 255) > 1e-9)
    throw idefics3Problem("rescale_factor", "1/255", config);
}

function triple(config: PreprocessorConfig, key: string): Triple {
  const value = config[key] ?? [0.5, 0.5, 0.5];
  if (Array.isArray(value) && value.length === 3) {
    const [red, green, blue]: unknown[] = value;
    if (typeof red === "number" && typeof green === "number" && typeof blue === "number") {
      return [red, green, blue];
    }
  }
  throw idefics3Problem(key, "three numbers", config);
}
