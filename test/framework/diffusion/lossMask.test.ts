import { expect } from "chai";
import { describe, it } from "mocha";

import { lossMask } from "../../../framework/diffusion/lossMask.ts";

describe("lossMask()", () => {
  /** 4 x 2 pixels: the left half of the first block, all of the second. */
  const mask = Uint8Array.of(...[255, 0, 255, 255], ...[255, 0, 255, 255]);
  const size = { width: 4, height: 2, factor: 2 };

  it("averages the pixels under each latent, to a mean of 1", () => {
    const { shape, values } = lossMask(mask, size);
    expect(shape).to.deep.equal([1, 1, 2]);
    expect(values[0]).to.be.closeTo(0.5 / 0.75, 1e-6);
    expect(values[1]).to.be.closeTo(1 / 0.75, 1e-6);
  });

  it("leaves the rest the weight that is asked for", () => {
    const { values } = lossMask(mask, { ...size, outside: 0.5 });
    expect(values[0]! / values[1]!).to.be.closeTo(0.75, 1e-6);
    expect([...lossMask(mask, { ...size, outside: 1 }).values]).to.deep.equal([1, 1]);
  });

  it("gives latents row by row", () => {
    const rows = Uint8Array.of(...[255, 255], ...[255, 255], ...[0, 0], ...[0, 0]);
    const { shape, values } = lossMask(rows, { width: 2, height: 4, factor: 2 });
    expect(shape).to.deep.equal([1, 2, 1]);
    expect([...values]).to.deep.equal([2, 0]);
  });

  it("gives no weight to what shows nothing", () => {
    expect([...lossMask(new Uint8Array(8), size).values]).to.deep.equal([0, 0]);
    expect([...lossMask(new Uint8Array(8), { ...size, outside: 0.5 }).values]).to.deep.equal([
      1, 1,
    ]);
  });

  it("refuses a mask of another size", () => {
    expect(() => lossMask(mask, { ...size, width: 2 })).to.throw(RangeError, "2 x 2 pixels");
    expect(() => lossMask(mask, { ...size, factor: 3 })).to.throw(RangeError, "multiples of 3");
  });
});
