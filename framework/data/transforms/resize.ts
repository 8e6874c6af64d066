import { resizeImage } from "../image.ts";
import type { ImageSize } from "./imageSize.ts";
import type { ImageToImage } from "./transform.ts";

/**
 * Resizes an image.
 *
 * @param size of the result; a single number is its shorter side, and the longer one follows,
 *   rounded down, as in torchvision
 */
export function resize(
  size: number | ImageSize,
  filter?: Parameters<typeof resizeImage>[3],
): ImageToImage {
  return (image) => {
    const { width, height } = typeof size === "number" ? proportional(image, size) : size;
    return resizeImage(image, width, height, filter);
  };
}

function proportional({ width, height }: ImageSize, shorter: number): ImageSize {
  const longer = Math.floor((shorter * Math.max(width, height)) / Math.min(width, height));
  return width < height ? { width: shorter, height: longer } : { width: longer, height: shorter };
}
