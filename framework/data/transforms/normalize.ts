import { hostTensor, type HostTensor } from "../../base/hostArray.ts";
import type { RgbImage } from "../image.ts";
import { writePlanes, type ByteLevels } from "../imageTensors.ts";

export interface NormalizeOptions {
  /** Of red, green and blue, in [0, 1]; 0.5 by default. */
  mean?: readonly [red: number, green: number, blue: number];
  /** As `mean`; with both at 0.5 the result is in [-1, 1]. */
  std?: readonly [red: number, green: number, blue: number];
}

/**
 * An image as `[3, height, width]`: each byte as a fraction of 255, less the mean, divided by the
 * deviation. As torchvision's ToTensor and Normalize.
 */
export function normalize(options: NormalizeOptions = {}): (image: RgbImage) => HostTensor {
  const { mean = [0.5, 0.5, 0.5], std = [0.5, 0.5, 0.5] } = options;
  if (!std.every((deviation) => deviation > 0)) {
    throw new RangeError(`Cannot normalize: expected std > 0, got ${std.join(", ")}`);
  }
  const levels: ByteLevels = [
    levelsOf(mean[0], std[0]),
    levelsOf(mean[1], std[1]),
    levelsOf(mean[2], std[2]),
  ];
  return ({ width, height, data }) => {
    const planes = new Float32Array(3 * width * height);
    writePlanes(data, levels, planes);
    return hostTensor(planes, [3, height, width]);
  };
}

function levelsOf(mean: number, std: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean) / std);
}
