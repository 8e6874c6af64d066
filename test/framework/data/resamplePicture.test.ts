import { expect } from "chai";
import { describe, it } from "mocha";

import { rgbImage } from "../../../framework/data/image.ts";
import { resamplePicture } from "../../../framework/data/resamplePicture.ts";
import { clipPicture, clipTensors } from "../../support/clip.ts";

describe("resamplePicture()", () => {
  for (const [width, height] of [
    [20, 15], // smaller, both ways
    [64, 90], // larger
  ] as const) {
    it(`gives Pillow's bytes at ${width} x ${height}`, () => {
      const { data } = resamplePicture(clipPicture(37, 50), width, height);
      const golden = clipTensors("golden.safetensors").get(`resized.${width}x${height}`)!;
      expect([...data]).to.deep.equal([...golden.values]);
    });
  }

  it("weights four pixels when it enlarges, and cuts what overshoots", () => {
    // Pillow 12.3: Image.frombytes("RGB", (2, 1), bytes([0] * 3 + [255] * 3)).resize((4, 1), BICUBIC)
    const image = rgbImage(2, 1, Uint8Array.of(0, 0, 0, 255, 255, 255));
    const { data } = resamplePicture(image, 4, 1);
    expect([...data].filter((_, i) => i % 3 === 0)).to.deep.equal([0, 53, 202, 255]);
  });
});
