import { InputError } from "../../base/errors.ts";
import { hostTensor, type HostTensor } from "../../base/hostTensor.ts";
import {
  compositeOn,
  cropCenter,
  readImage,
  resizeImage,
  type RgbaImage,
  type RgbImage,
} from "../../data/image.ts";
import { imagesToTensor } from "../../data/imageTensors.ts";
import type { StartPicture } from "../../pipelines/startPicture.ts";
import type { SamplePlan } from "./samplePlan.ts";
import type { SampleSettings } from "./sampleSettings.ts";

/**
 * Reads the picture to start from and its mask, and brings both to the size of the images: the
 * largest part in the middle, resized.
 *
 * @throws {InputError} when a file is no picture, or the mask has another size than the picture
 */
export async function readStartPicture(
  { initImage, mask }: Pick<SampleSettings, "initImage" | "mask">,
  { width, height, strength }: SamplePlan,
): Promise<StartPicture | undefined> {
  if (initImage === undefined) return undefined;
  const picture = await readImage(initImage);
  const marks = mask === undefined ? undefined : await readImage(mask);
  if (marks && (marks.width !== picture.width || marks.height !== picture.height)) {
    throw new InputError(
      `Cannot sample: --mask ${mask} is ${marks.width}x${marks.height}, --init-image ${initImage} ${picture.width}x${picture.height}; expected one size`,
    );
  }
  const fitted = compositeOn(await fit(picture, width, height), [255, 255, 255]);
  return {
    pixels: imagesToTensor([fitted]),
    strength,
    mask: marks && maskOf(compositeOn(await fit(marks, width, height), [0, 0, 0])),
  };
}

async function fit(image: RgbaImage, width: number, height: number): Promise<RgbaImage> {
  const scale = Math.min(image.width / width, image.height / height);
  const part = (side: number, most: number): number =>
    Math.max(1, Math.min(Math.round(side * scale), most));
  const cropped = cropCenter(image, part(width, image.width), part(height, image.height));
  return resizeImage(cropped, width, height);
}

/** Brightness in [0, 1], `[1, 1, height, width]`: white is made anew. */
function maskOf({ width, height, data }: RgbImage): HostTensor {
  const values = Float32Array.from({ length: width * height }, (_, i) => {
    const [red, green, blue] = data.subarray(3 * i, 3 * i + 3);
    return (0.299 * red! + 0.587 * green! + 0.114 * blue!) / 255;
  });
  return hostTensor(values, [1, 1, height, width]);
}
