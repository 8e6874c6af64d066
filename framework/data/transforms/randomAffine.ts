import { drawTransform, transformImage, type AugmentationOptions } from "../augmentation.ts";
import type { RgbaImage } from "../image.ts";
import type { Transform } from "./transform.ts";

/**
 * Moves an image by a random flip, scale, turn and shift into a square frame; what comes from
 * outside is transparent.
 */
export function randomAffine(
  options: AugmentationOptions & {
    /** Side of the frame, in pixels. */
    size: number;
  },
): Transform<RgbaImage> {
  return (image, random) => transformImage(image, drawTransform(random, options), options.size);
}
