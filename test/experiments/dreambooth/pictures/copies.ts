import type { PictureCopy } from "../../../../experiments/dreambooth/pictures/framing.ts";
import { RandomStream } from "../../../../framework/base/random.ts";
import { rgbImage } from "../../../../framework/data/image.ts";
import type { ImageSize } from "../../../../framework/data/transforms/imageSize.ts";

/** A picture of noise, another for each number. */
export function noiseCopy(
  number: number,
  { width, height }: ImageSize = { width: 16, height: 16 },
): PictureCopy {
  const picture = (random = new RandomStream(5, "test picture", number)) =>
    rgbImage(
      width,
      height,
      Uint8Array.from({ length: width * height * 3 }, () => random.integer(256)),
    );
  return { size: { width, height }, picture };
}
