import { damagedPicture, PictureProblem } from "./pictureProblem.ts";

/** What is known of a picture before it is decoded. */
export interface PictureHeader {
  /** As it is shown: after it was turned. */
  readonly width: number;
  readonly height: number;
}

/** Whether a file begins as JPEG, PNG, GIF or WebP do. */
function isKnownFormat(bytes: Buffer): boolean {
  const start = bytes.toString("latin1", 0, 12);
  const isExact = ["\xff\xd8\xff", "\x89PNG\r\n\x1a\n"].some((each) => start.startsWith(each));
  return isExact || /^(GIF8[79]a|RIFF.{4}WEBP)/s.test(start);
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
  if (!isKnownFormat(bytes)) {
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
  return { width: isTurned ? height : width, height: isTurned ? width : height };
}
