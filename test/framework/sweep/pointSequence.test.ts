import { expect } from "chai";
import { describe, it } from "mocha";

import { scalar } from "../../../framework/spec/specNode.ts";
import { plainPoint, type Point } from "../../../framework/sweep/point.ts";
import { PointSequence } from "../../../framework/sweep/pointSequence.ts";

const point = (a: number): Point => new Map([["a", scalar(a, { file: "test" })]]);
const suggest = (index: number): Point | undefined => (index < 5 ? point(index) : undefined);

function valuesOf(sequence: PointSequence, count: number): unknown[] {
  return Array.from({ length: count }, (_, index) => {
    const found = sequence.at(index, suggest);
    return found && plainPoint(found)["a"];
  });
}

describe("PointSequence", () => {
  it("has added points in their places, and the searcher's behind them unchanged", () => {
    const sequence = new PointSequence();
    expect(valuesOf(sequence, 3)).to.deep.equal([0, 1, 2]);
    sequence.add(2, point(70));
    sequence.add(3, point(71));
    expect(valuesOf(sequence, 8)).to.deep.equal([0, 1, 70, 71, 2, 3, 4, undefined]);
    expect(sequence.length).to.equal(7);
  });

  it("is the same whenever points are added", () => {
    const sequence = new PointSequence();
    sequence.add(2, point(70));
    sequence.add(3, point(71));
    expect(valuesOf(sequence, 7)).to.deep.equal([0, 1, 70, 71, 2, 3, 4]);
  });

  it("leaves out what the searcher gives that was added before", () => {
    const sequence = new PointSequence();
    sequence.add(0, point(1));
    expect(valuesOf(sequence, 6)).to.deep.equal([1, 0, 2, 3, 4, undefined]);
  });
});
