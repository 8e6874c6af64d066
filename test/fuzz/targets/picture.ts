import sharp from "sharp";

import { decodeImage } from "../../../framework/data/image.ts";
import { type FuzzTarget } from "../fuzzTarget.ts";

const picture = sharp(Buffer.from(Array.from({ length: 8 * 6 * 4 }, (_, i) => (i * 37) % 256)), {
  raw: { width: 8, height: 6, channels: 4 },
});
const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="4" height="4" fill="red"/></svg>';

/** Pictures as a data folder has them. */
export const target: FuzzTarget = {
  name: "picture",
  covers: ["framework/data/"],
  seeds: [
    await picture.clone().png().toBuffer(),
    await picture.clone().jpeg().toBuffer(),
    await picture.clone().webp().toBuffer(),
    await picture.clone().gif().toBuffer(),
    await picture.clone().tiff().toBuffer(),
    await picture.clone().avif({ effort: 0 }).toBuffer(),
    Buffer.from(svg),
  ],
  words: [
    "IHDR",
    "IDAT",
    "IEND",
    "Exif\u0000\u0000",
    "GIF89a",
    "WEBPVP8 ",
    "<svg ",
    'href="file:///etc/passwd"',
    "<use ",
  ],
  async run(input) {
    const { width, height } = await decodeImage(input);
    return width * height;
  },
};
