import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../framework/base/random.ts";
import { countPruned, pruneSmallest } from "../../../framework/optim/magnitudePruning.ts";

/** The mask that follows from an earlier one, by default of ones. */
function maskOf(weights: number[], count: number, before = weights.map(() => 1)): number[] {
  const mask = Float32Array.from(before);
  pruneSmallest([{ weights: Float32Array.from(weights), mask }], count);
  return [...mask];
}

describe("pruneSmallest()", () => {
  const table: [title: string, weights: number[], count: number, mask: number[]][] = [
    ["goes by magnitude", [0.5, -0.1, 0.3, -0.7], 2, [1, 0, 0, 1]],
    ["tells apart numbers that are close", [1, 1 + 2 ** -23, 1 - 2 ** -24, 2], 2, [0, 1, 0, 1]],
    ["prunes the first of equal ones", [2, -1, 1, 1], 2, [1, 0, 0, 1]],
    ["starts with zeros, whatever their sign", [1e-45, 0, -0, 3], 2, [1, 0, 0, 1]],
    ["may prune nothing", [1, 2], 0, [1, 1]],
    ["may prune everything", [1, 2], 2, [0, 0]],
    ["keeps what is not a number", [NaN, 1], 1, [1, 0]],
  ];
  for (const [title, weights, count, mask] of table) {
    it(title, () => expect(maskOf(weights, count)).to.deep.equal(mask));
  }

  it("keeps pruned what was pruned, even if it has grown", () => {
    expect(maskOf([9, 1, 2, 3], 2, [0, 1, 1, 1])).to.deep.equal([0, 0, 1, 1]);
    expect(maskOf([9, 8, 2, 3], 1, [0, 0, 1, 1])).to.deep.equal([0, 0, 1, 1]);
  });

  it("compares the weights of all tensors", () => {
    const tensors = [
      [5, 1],
      [2, 6, 3],
    ].map((weights) => ({
      weights: Float32Array.from(weights),
      mask: new Float32Array(weights.length).fill(1),
    }));
    pruneSmallest(tensors, 3);
    expect(tensors.map(({ mask }) => [...mask])).to.deep.equal([
      [1, 0],
      [0, 1, 0],
    ]);
    expect(countPruned(tensors)).to.equal(3);
  });

  it("agrees with sorting", () => {
    const weights = new RandomStream(1, "weights").normals(1000);
    const mask = new Float32Array(1000).fill(1);
    pruneSmallest([{ weights, mask }], 400);
    const threshold = weights.map(Math.abs).toSorted()[399]!;
    const expected = [...weights].map((weight) => Number(Math.abs(weight) > threshold));
    expect([...mask]).to.deep.equal(expected);
  });

  it("refuses to prune more than there is", () => {
    expect(() => maskOf([1, 2], 3)).to.throw("expected at most the 2 that are left");
  });
});
