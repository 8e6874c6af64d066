import path from "node:path";

import { hasTransparency, InputError, listImages, readImage, type RgbaImage } from "seedbed";

/**
 * A mask file for each picture, by the names without extensions.
 *
 * @throws {InputError} naming a picture without one
 */
export function maskFiles(pictures: readonly string[], folder: string): string[] {
  const masks = new Map(listImages(folder).images.map((file) => [path.parse(file).name, file]));
  return pictures.map((picture) => {
    const mask = masks.get(path.parse(picture).name);
    if (mask !== undefined) return mask;
    throw new InputError(
      `Cannot mask ${picture}: expected a picture of that name in data.instance.masks ${folder}, got none`,
    );
  });
}

/**
 * The mask of each picture; undefined where its own transparency is.
 *
 * @param folder of the masks; null: there are none beside transparency
 * @throws {InputError} naming a picture without a mask, or with two, or one that does not fit
 */
export async function readMasks(
  pictures: readonly { file: string; image: RgbaImage }[],
  folder: string | null,
): Promise<(RgbaImage | undefined)[]> {
  const files =
    folder === null
      ? []
      : maskFiles(
          pictures.map(({ file }) => file),
          folder,
        );
  const masks: (RgbaImage | undefined)[] = [];
  for (const [i, { file, image }] of pictures.entries()) {
    const mask = files[i] === undefined ? undefined : await readImage(files[i]);
    checkMask(file, image, mask);
    masks.push(mask);
  }
  return masks;
}

function checkMask(file: string, image: RgbaImage, mask: RgbaImage | undefined): void {
  const isCutOut = hasTransparency(image);
  const [shown, channel] = mask ? [mask, 0] : [image, 3];
  if (shown.data.every((value, i) => i % 4 !== channel || value === 0)) {
    throw new InputError(`Cannot mask ${file}: expected a mask that shows something, got none`);
  }
  if (!mask && !isCutOut) {
    throw new InputError(
      `Cannot mask ${file}: expected transparency around the subject, got none; name masks in data.instance.masks`,
    );
  }
  if (!mask) return;
  if (isCutOut) {
    throw new InputError(
      `Cannot mask ${file}: expected no transparency beside data.instance.masks, got some; it is a mask itself`,
    );
  }
  if (mask.width === image.width && mask.height === image.height) return;
  throw new InputError(
    `Cannot mask ${file}: expected a mask of ${image.width} x ${image.height} pixels, got ${mask.width} x ${mask.height}`,
  );
}
