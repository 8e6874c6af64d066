import { expect } from "chai";
import { describe, it } from "mocha";

import { coverImage } from "../../../framework/data/coverImage.ts";
import { rgbImage } from "../../../framework/data/image.ts";

describe("coverImage()", () => {
  for (const [from, frame, to] of [
    [{ width: 40, height: 20 }, { width: 10, height: 10 }, [20, 10]],
    [{ width: 20, height: 40 }, { width: 10, height: 10 }, [10, 20]],
    [{ width: 30, height: 20 }, { width: 16, height: 8 }, [16, 11]],
    [{ width: 3, height: 1000 }, { width: 8, height: 8 }, [8, 2667]],
    [{ width: 8, height: 8 }, { width: 8, height: 8 }, [8, 8]],
  ] as const) {
    it(`makes ${to.join(" x ")} of ${from.width} x ${from.height} for ${frame.width} x ${frame.height}`, async () => {
      const { width, height } = from;
      const image = rgbImage(width, height, new Uint8Array(width * height * 3));
      const covered = await coverImage(image, frame);
      expect([covered.width, covered.height]).to.deep.equal(to);
    });
  }
});
