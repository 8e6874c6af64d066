import { compositeOn, decodeImage, type RgbImage } from "../data/image.ts";

/**
 * A picture's file for a report: what shines through it is white.
 *
 * @param name what to call it in messages
 * @throws {InputError} when the bytes are no picture
 */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<RgbImage> {
  return compositeOn(await decodeImage(bytes, name), [255, 255, 255]);
}
