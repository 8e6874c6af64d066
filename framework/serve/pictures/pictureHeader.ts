import { PictureProblem } from "./pictureProblem.ts";

export type PictureFormat = "jpeg" | "png" | "webp" | "gif";

/** What is known of a picture before it is decoded. */
export interface PictureHeader {
  readonly format: PictureFormat;
  /** As it is shown: after it was turned. */
  readonly width: number;
  readonly height: number;
}

/** By the bytes that a file begins with. */
export function pictureFormat(bytes: Buffer): PictureFormat | undefined {
  const start = bytes.toString("latin1", 0, 12);
  if (start.startsWith("\xff\xd8\xff")) return "jpeg";
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (/^GIF8[79]a/.test(start)) return "gif";
  return /^RIFF.{4}WEBP/s.test(start) ? "webp" : undefined;
}

/**
 * Reads a picture's header alone, so that one that would fill the memory is never decoded.
 *
 * @throws {PictureProblem} for what is no picture, none of a format that is read, or too large
 */
export async function readPictureHeader(
  bytes: Buffer,
  { maxPixels }: { readonly maxPixels: number },
): Promise<PictureHeader> {
  if (bytes.length === 0) throw new PictureProblem("empty_image_file", "The picture is empty.");
  const format = pictureFormat(bytes);
  if (!format) {
    throw new PictureProblem(
      "invalid_image_format",
      "Expected a picture in JPEG, PNG, WebP or GIF, whatever its address says it is.",
    );
  }
  const { default: sharp } = await import("sharp"); // it takes a while, and few servers need it
  let size: { width: number; height: number; orientation?: number | undefined };
  try {
    size = await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (cause) {
    throw damagedPicture(cause);
  }
  const { width, height, orientation = 1 } = size;
  if (!(width * height <= maxPixels)) {
    throw new PictureProblem(
      "image_too_large",
      `Expected a picture of at most ${maxPixels} pixels, got ${width} x ${height}.`,
    );
  }
  const isTurned = orientation >= 5; // EXIF's numbers of quarter turns
  return { format, width: isTurned ? height : width, height: isTurned ? width : height };
}

export function damagedPicture(cause?: unknown): PictureProblem {
  return new PictureProblem("image_parse_error", "The picture is damaged, or not whole.", cause);
}
