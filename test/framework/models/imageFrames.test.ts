import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor, type HostTensor } from "../../../framework/base/hostTensor.ts";
import { imageFrames } from "../../../framework/models/imageFrames.ts";

/** Frames of one channel and 4 x 4 pixels, each with one value; patches of 2 x 2. */
function framesOf(...values: number[][]): HostTensor {
  const pixels = values.flat().flatMap((value) => Array.from({ length: 16 }, () => value));
  return hostTensor(Float32Array.from(pixels), [values.length, values[0]!.length, 1, 4, 4]);
}

const config = { patch_size: 2 };

describe("imageFrames()", () => {
  it("leaves out frames that are zero everywhere, and keeps the order", () => {
    const { pixels, patchMask } = imageFrames(framesOf([1, 2], [3, 0]), config, 2);
    expect(pixels.shape).to.deep.equal([3, 1, 4, 4]);
    expect([0, 16, 32].map((i) => pixels.values[i])).to.deep.equal([1, 2, 3]);
    expect(patchMask).to.equal(undefined);
  });

  it("counts a patch where any of its pixels does", () => {
    const mask = hostTensor(
      Int32Array.of(...[1, 1, 1, 0], ...[1, 1, 1, 0], ...[0, 0, 0, 0], ...[0, 0, 0, 0]),
      [1, 1, 4, 4],
    );
    const { patchMask, patchPositions } = imageFrames(framesOf([5]), config, 4, mask);
    expect([...patchMask!.values]).to.deep.equal([1, 1, 0, 0]);
    expect([...patchPositions!.values]).to.deep.equal([0, 2, 0, 0]);
  });

  it("needs no mask where nothing is padding", () => {
    const mask = hostTensor(new Int32Array(16).fill(1), [1, 1, 4, 4]);
    expect(imageFrames(framesOf([5]), config, 2, mask)).to.have.keys("pixels");
  });

  it("refuses shapes that do not fit, and batches without a picture", () => {
    const mask = hostTensor(new Int32Array(4), [1, 1, 2, 2]);
    expect(() => imageFrames(framesOf([1]), config, 2, mask)).to.throw(
      "expected a mask [1, 1, 4, 4], got [1, 1, 2, 2]",
    );
    expect(() => imageFrames(framesOf([1]), { patch_size: 3 }, 2)).to.throw("that 3 divides");
    expect(() => imageFrames(framesOf([0]), config, 2)).to.throw("all of them are zero");
  });
});
