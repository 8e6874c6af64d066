import { PictureProblem, tooManyBytes } from "./pictureProblem.ts";

const header = /^data:[^,]{0,200};base64,/i;
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * The bytes of a `data:` URL. What it says they are is not looked at.
 *
 * @throws {PictureProblem} when it has none, has too many, or is not in base64
 */
export function bytesOfDataUrl(url: string, maxBytes: number): Buffer {
  const [start] = header.exec(url.slice(0, 300)) ?? [];
  if (start === undefined) {
    throw new PictureProblem(
      "invalid_image_url",
      "Expected a data URL of the form data:image/png;base64,... with the picture in base64.",
    );
  }
  const text = url.slice(start.length).replace(/={1,2}$/, "");
  if (Math.floor((text.length * 3) / 4) > maxBytes) throw tooManyBytes(maxBytes);
  if (!base64.test(text) || text.length % 4 === 1) {
    throw new PictureProblem("invalid_base64_image", "The picture is not valid base64.");
  }
  return Buffer.from(text, "base64");
}
