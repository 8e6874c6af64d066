import sharp from "sharp";

import { bytesOfDataUrl } from "../../../framework/serve/pictures/dataUrl.ts";
import { readPictureHeader } from "../../../framework/serve/pictures/pictureHeader.ts";
import { PictureProblem } from "../../../framework/serve/pictures/pictureProblem.ts";
import { inputText, textInput, type FuzzTarget } from "../fuzzTarget.ts";

const png = await sharp({ create: { width: 3, height: 2, channels: 3, background: "red" } })
  .png()
  .toBuffer();

/** Pictures that a client of the server sends within its messages. */
export const target: FuzzTarget = {
  name: "pictureUrl",
  covers: ["framework/serve/pictures"],
  seeds: [textInput(`data:image/png;base64,${png.toString("base64")}`)],
  words: ["data:", ";base64,", "=", "==", "%20"],
  expects: (error) => error instanceof PictureProblem,
  run: (input) =>
    readPictureHeader(bytesOfDataUrl(inputText(input), 100_000), { maxPixels: 1_000_000 }),
};
