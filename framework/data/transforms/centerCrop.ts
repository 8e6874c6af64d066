import { cropCenter } from "../image.ts";
import { asImageSize, type ImageSize } from "./imageSize.ts";
import type { ImageToImage } from "./transform.ts";

/** The part in the middle; an image that is smaller is refused. A number is a square's side. */
export function centerCrop(size: number | ImageSize): ImageToImage {
  const { width, height } = asImageSize(size);
  return (image) => cropCenter(image, width, height);
}
