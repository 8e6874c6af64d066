import type { HostTensor } from "../base/hostTensor.ts";
import { cropCenter, type RgbImage } from "./image.ts";
import { resamplePicture } from "./resamplePicture.ts";
import { normalize } from "./transforms/normalize.ts";

type Triple = readonly [number, number, number];

/** Pillow's number of its bicubic filter. */
const bicubicFilter = 3;
const clipMean: Triple = [0.481_454_66, 0.457_827_5, 0.408_210_73];
const clipStd: Triple = [0.268_629_54, 0.261_302_58, 0.275_777_11];

/**
 * Pictures as CLIP takes them: resized by Pillow's bicubic filter until the shorter side fits, cut
 * to the square in the middle, normalised.
 *
 * @param config content of a `preprocessor_config.json` of transformers' `CLIPImageProcessor`
 * @param side of the pictures that the model takes
 * @returns for each picture `[3, side, side]`
 * @throws {RangeError} naming the key that is wrong or not supported
 */
export function clipPreprocessing(
  config: Readonly<Record<string, unknown>>,
  side: number,
): (image: RgbImage) => HostTensor {
  checkSteps(config);
  const shorter = sideOf(config, "size", "shortest_edge", side);
  const crop = sideOf(config, "crop_size", "height", side);
  if (crop !== side || shorter < crop) {
    throw problem("crop_size", `the model's ${side} pixels, and size at least that`, config);
  }
  const mean = triple(config, "image_mean", clipMean);
  const toTensor = normalize({ mean, std: triple(config, "image_std", clipStd) });
  return (image) => {
    const { width, height } = image;
    const longer = Math.trunc((shorter * Math.max(width, height)) / Math.min(width, height));
    const size: [number, number] = width <= height ? [shorter, longer] : [longer, shorter];
    return toTensor(cropCenter(resamplePicture(image, ...size), side, side));
  };
}

/** Steps that we always take, and the one filter that we know. */
function checkSteps(config: Readonly<Record<string, unknown>>): void {
  for (const key of ["do_resize", "do_center_crop", "do_rescale", "do_normalize"]) {
    if ((config[key] ?? true) !== true) throw problem(key, "true", config);
  }
  if ((config["resample"] ?? bicubicFilter) !== bicubicFilter) {
    throw problem("resample", `${bicubicFilter}, the bicubic filter`, config);
  }
  const factor = config["rescale_factor"] ?? 1 / 255;
  if (Math.abs(Number(factor) - 1 / 255) > 1e-9) throw problem("rescale_factor", "1/255", config);
}

/** A number of pixels, written alone or under a name. */
function sideOf(
  config: Readonly<Record<string, unknown>>,
  key: string,
  name: string,
  fallback: number,
): number {
  const value = config[key] ?? fallback;
  const side: unknown = typeof value === "object" ? Object(value)[name] : value;
  if (typeof side === "number" && Number.isInteger(side) && side > 0) return side;
  throw problem(key, `pixels, alone or as ${name}`, config);
}

function triple(config: Readonly<Record<string, unknown>>, key: string, fallback: Triple): Triple {
  const value = config[key] ?? fallback;
  if (Array.isArray(value) && value.length === 3) {
    const [red, green, blue]: unknown[] = value;
    if (typeof red === "number" && typeof green === "number" && typeof blue === "number") {
      return [red, green, blue];
    }
  }
  throw problem(key, "three numbers", config);
}

function problem(
  key: string,
  expected: string,
  config: Readonly<Record<string, unknown>>,
): RangeError {
  return new RangeError(
    `Cannot prepare pictures for CLIP: key "${key}": expected ${expected}, got ${JSON.stringify(config[key])}`,
  );
}
