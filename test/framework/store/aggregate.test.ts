import { expect } from "chai";
import { describe, it } from "mocha";

import { aggregate, type Aggregate } from "../../../framework/store/aggregate.ts";

const line = (x: number[], y: number[]) => ({ x: Float64Array.from(x), y: Float64Array.from(y) });
const lists = (group: Aggregate): Record<string, number[]> =>
  Object.fromEntries(Object.entries(group).map(([name, values]) => [name, [...values]]));

describe("aggregate()", () => {
  it("averages at equal steps", () => {
    const group = aggregate([line([1, 2], [1, 10]), line([1, 2], [3, 20]), line([1, 2], [5, 60])]);
    expect(lists(group)).to.deep.equal({
      x: [1, 2],
      mean: [3, 30],
      deviation: [2, Math.sqrt(700)],
      min: [1, 10],
      max: [5, 60],
      count: [3, 3],
    });
  });

  it("takes curves as straight between their points, and never goes beyond them", () => {
    const group = aggregate([line([0, 10], [0, 10]), line([5, 20], [1, 31])]);
    expect(lists(group)).to.deep.equal({
      x: [0, 5, 10, 20],
      mean: [0, 3, 10.5, 31],
      deviation: [NaN, Math.sqrt(8), Math.sqrt(0.5), NaN],
      min: [0, 1, 10, 31],
      max: [0, 5, 11, 31],
      count: [1, 2, 2, 1],
    });
  });

  it("takes values that are not finite for absent", () => {
    const group = aggregate([line([1, 2, 3], [1, NaN, 3]), line([2, 4], [2, Infinity])]);
    expect(lists(group)).to.deep.include({ x: [1, 2, 3], mean: [1, 2, 3], count: [1, 2, 1] });
  });

  it("lets the last of several values at one step count", () => {
    expect(lists(aggregate([line([1, 1, 2], [5, 7, 9])]))).to.deep.include({
      x: [1, 2],
      mean: [7, 9],
    });
  });

  it("is empty without points", () => {
    expect(aggregate([]).x.length).to.equal(0);
    expect(aggregate([line([1], [NaN])]).x.length).to.equal(0);
  });
});
