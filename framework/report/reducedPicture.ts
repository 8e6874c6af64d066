import { resizeImage, type RgbImage } from "../data/image.ts";

/** Pixels of the longer side of a picture in a report. */
const mostPixels = 192;

/** A picture as large as a report shows it, so that many fit into one. */
export async function reducedPicture(picture: RgbImage): Promise<RgbImage> {
  const { width, height } = picture;
  const share = Math.min(1, mostPixels / Math.max(width, height));
  const side = (length: number): number => Math.max(1, Math.round(length * share));
  return resizeImage(picture, side(width), side(height));
}
