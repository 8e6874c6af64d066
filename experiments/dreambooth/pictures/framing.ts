import {
  compositeOn,
  coverImage,
  cropCenter,
  transforms,
  type ImageSize,
  type RandomStream,
  type Rgb,
  type RgbaImage,
  type RgbImage,
} from "seedbed";

import type { PictureSettings } from "../settings/pictures.ts";

/** How a picture is brought into a frame. */
export interface Framing {
  readonly crop: "center" | "random";
  /** Share of pictures that are mirrored. */
  readonly flip: number;
  /** Lies under what is transparent. */
  readonly background: Rgb;
}

/** A picture that can be shown again and again, its random numbers deciding how. */
export interface PictureCopy {
  /** Of what `picture` gives. */
  readonly size: ImageSize;
  /** @param random default: numbers of its own, so that it is the same picture each time */
  readonly picture: (random?: RandomStream) => RgbImage | Promise<RgbImage>;
  /**
   * Where the same numbers show the subject, 0 to 255, row by row; left out: there is no telling.
   *
   * @param random as for `picture`
   */
  readonly mask?: (random?: RandomStream) => Promise<Uint8Array>;
}

/** What the settings say. */
export function framingOf({ crop, flip, background }: PictureSettings): Framing {
  return { crop, flip, background: parseColour(background) };
}

/** @param text `#rrggbb` */
export function parseColour(text: string): Rgb {
  const part = (at: number): number => Number.parseInt(text.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
}

/**
 * A picture in a frame, without distortion: its sides are made to cover the frame, and what is left
 * over is cut off, evenly or by chance. In the centre no number is drawn.
 */
export async function cropper(
  image: RgbaImage,
  size: ImageSize,
  crop: Framing["crop"],
): Promise<(random: RandomStream) => RgbaImage | Promise<RgbaImage>> {
  const covered = await coverImage(image, size);
  if (crop === "random") {
    const cut = transforms.randomCrop(size);
    return (random) => cut(covered, random);
  }
  const centre = cropCenter(covered, size.width, size.height);
  return () => centre;
}

/** Mirrors a share of the pictures. */
export function mirrored(
  image: RgbaImage,
  { flip }: Framing,
  random: RandomStream,
): RgbaImage | Promise<RgbaImage> {
  return flip === 0 ? image : transforms.randomHorizontalFlip(flip)(image, random);
}

/** The middle of a picture, `side` pixels square, on a background where it is transparent. */
export async function plainPicture(
  image: RgbaImage,
  side: number,
  background: Rgb = [255, 255, 255],
): Promise<RgbImage> {
  const size = { width: side, height: side };
  return compositeOn(cropCenter(await coverImage(image, size), side, side), background);
}
