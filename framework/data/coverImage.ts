import { resizeImage, type Image } from "./image.ts";
import type { ImageSize } from "./transforms/imageSize.ts";

/**
 * Resizes an image, without distortion, to the smallest that covers `width` x `height`: one side
 * fits, the other may be longer, rounded to whole pixels. A crop takes what fits.
 */
export async function coverImage<I extends Image>(image: I, size: ImageSize): Promise<I> {
  const scale = Math.max(size.width / image.width, size.height / image.height);
  return resizeImage(
    image,
    Math.max(size.width, Math.round(image.width * scale)),
    Math.max(size.height, Math.round(image.height * scale)),
  );
}
