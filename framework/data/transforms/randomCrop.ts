import { cropImage } from "../image.ts";
import { asImageSize, type ImageSize } from "./imageSize.ts";
import type { ImageToImage } from "./transform.ts";

/** A part anywhere, each place equally likely; a smaller image is refused. A number is a square's side. */
export function randomCrop(size: number | ImageSize): ImageToImage {
  const { width, height } = asImageSize(size);
  return (image, random) => {
    const left = Math.floor(random.uniform() * (image.width - width + 1));
    const top = Math.floor(random.uniform() * (image.height - height + 1));
    return cropImage(image, left, top, width, height);
  };
}
