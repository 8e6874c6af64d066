import { expect } from "chai";
import { describe, it } from "mocha";

import { idefics3Preprocessing } from "../../../framework/data/idefics3Preprocessing.ts";
import { rgbaImage, rgbImage } from "../../../framework/data/image.ts";

const config = { size: { longest_edge: 4 }, max_image_size: { longest_edge: 2 } };
const grey = (width: number, height: number, level: number) =>
  // prettier-ignore
  rgbImage(width, height, new Uint8Array(width * height * 3).fill(level));

describe("idefics3Preprocessing()", () => {
  it("shows a picture in tiles and whole, or whole alone", () => {
    const prepare = idefics3Preprocessing(config);
    const tiled = prepare(grey(8, 4, 255));
    expect(tiled.pixels.shape).to.deep.equal([3, 3, 2, 2]);
    expect([tiled.rows, tiled.columns]).to.deep.equal([1, 2]);
    expect(new Set(tiled.pixels.values)).to.deep.equal(new Set([1]));
    const whole = prepare(grey(8, 4, 0), { split: false });
    expect(whole.pixels.shape).to.deep.equal([1, 3, 2, 2]);
    expect([whole.rows, whole.columns]).to.deep.equal([0, 0]);
    expect(new Set(whole.pixels.values)).to.deep.equal(new Set([-1]));
  });

  it("does not cut a picture that fills one frame", () => {
    const prepare = idefics3Preprocessing({ ...config, size: { longest_edge: 2 } });
    expect(prepare(grey(5, 5, 9))).to.deep.include({ rows: 0, columns: 0 });
  });

  it("follows do_image_splitting unless told otherwise", () => {
    const prepare = idefics3Preprocessing({ ...config, do_image_splitting: false });
    expect(prepare(grey(4, 4, 9)).rows).to.equal(0);
    expect(prepare(grey(4, 4, 9), { split: true }).rows).to.equal(2);
  });

  it("lays what is transparent on white", () => {
    const clear = rgbaImage(4, 4, new Uint8Array(64));
    const { pixels } = idefics3Preprocessing(config)(clear);
    expect(new Set(pixels.values)).to.deep.equal(new Set([1]));
  });

  for (const [change, message] of [
    [{ resample: 3 }, 'key "resample": expected 1, the Lanczos filter, got 3'],
    [{ do_normalize: false }, 'key "do_normalize": expected true, got false'],
    [{ size: { height: 3 } }, 'key "size": expected pixels as longest_edge'],
    [{ rescale_factor: 1 }, 'key "rescale_factor": expected 1/255'],
    [{ image_mean: [0.5] }, 'key "image_mean": expected three numbers'],
  ] as const) {
    it(`refuses ${JSON.stringify(change)}`, () => {
      expect(() => idefics3Preprocessing({ ...config, ...change })).to.throw(RangeError, message);
    });
  }
});
