import { expect } from "chai";
import { describe, it } from "mocha";
import sharp from "sharp";

import { encodePng, rgbImage } from "../../../framework/data/image.ts";
import { withPngText } from "../../../framework/data/pngText.ts";

describe("withPngText()", () => {
  const picture = rgbImage(2, 1, Uint8Array.of(1, 2, 3, 4, 5, 6));

  for (const { what, text, chunk } of [
    { what: "plain letters as tEXt", text: "a cat\nSteps: 20", chunk: "tEXt" },
    { what: "other letters as iTXt", text: "猫, 🐧", chunk: "iTXt" },
  ]) {
    it(`keeps the picture, and ${what}`, async () => {
      const png = Buffer.from(withPngText(await encodePng(picture), "parameters", text));
      const { comments } = await sharp(png).metadata();
      expect(comments).to.deep.equal([{ keyword: "parameters", text }]);
      expect(png.subarray(37, 41).toString("latin1")).to.equal(chunk);
      const pixels = await sharp(png, { failOn: "warning" }).raw().toBuffer();
      expect([...pixels]).to.deep.equal([1, 2, 3, 4, 5, 6]);
    });
  }

  it("writes the bytes of the specification", async () => {
    const png = Buffer.from(withPngText(await encodePng(picture), "Title", "é"));
    // Length 7, then type and content, then their CRC-32, by Python's zlib.crc32.
    const chunk = Buffer.from("00000007744558745469746c6500e9ae76eee8", "hex");
    expect(png.subarray(33, 33 + chunk.length).toString("hex")).to.equal(chunk.toString("hex"));
  });

  it("refuses a keyword that is none, and what is no PNG", async () => {
    const png = await encodePng(picture);
    for (const keyword of ["", "x".repeat(80), "猫"]) {
      expect(() => withPngText(png, keyword, "")).to.throw(RangeError, "1 to 79 letters");
    }
    expect(() => withPngText(Uint8Array.of(1), "k", "")).to.throw(RangeError, "other bytes");
  });
});
