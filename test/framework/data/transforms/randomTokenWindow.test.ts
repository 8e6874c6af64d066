import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor } from "../../../../framework/base/hostTensor.ts";
import { randomTokenWindow } from "../../../../framework/data/transforms/randomTokenWindow.ts";
import { draws } from "./pictures.ts";

const tokens = (...ids: number[]) => hostTensor(Int32Array.from(ids), [ids.length]);

describe("randomTokenWindow()", () => {
  it("takes every place, and no other", async () => {
    const windows = await draws(randomTokenWindow(3), tokens(5, 6, 7, 8, 9), 100);
    for (const { shape } of windows) expect(shape).to.deep.equal([3]);
    const found = new Set(windows.map(({ values }) => values.join()));
    expect(found).to.deep.equal(new Set(["5,6,7", "6,7,8", "7,8,9"]));
  });

  it("keeps a sequence whole that is not longer", async () => {
    const [same, short] = [tokens(1, 2, 3), tokens(1)];
    expect((await draws(randomTokenWindow(3), same, 1))[0]).to.equal(same);
    expect((await draws(randomTokenWindow(3), short, 1))[0]).to.equal(short);
  });

  it("cuts between tokens that have features", async () => {
    const sequence = hostTensor(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]);
    const windows = await draws(randomTokenWindow(2), sequence, 20);
    const found = new Set(windows.map(({ values }) => values.join()));
    expect(found).to.deep.equal(new Set(["1,2,3,4", "3,4,5,6"]));
    expect(windows[0]!.shape).to.deep.equal([2, 2]);
  });

  it("refuses an empty window", () => {
    expect(() => randomTokenWindow(0)).to.throw(
      RangeError,
      "length must be an integer >= 1, got 0",
    );
  });
});
