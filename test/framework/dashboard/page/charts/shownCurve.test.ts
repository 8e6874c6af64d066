import { expect } from "chai";
import { describe, it } from "mocha";

import {
  nearestPoint,
  shownCurve,
} from "../../../../../framework/dashboard/page/charts/shownCurve.ts";

const style = { id: "a", title: "a", keys: ["a"], colour: "#000000", dash: [] };

describe("shownCurve()", () => {
  it("turns the words of JSON into the numbers they stand for", () => {
    const curve = shownCurve(
      {
        ...{ label: "a", metric: "m", count: 3, x: [0, 1, 2], y: [1, "NaN", "-Infinity"] },
        nonFinite: [{ x: 1, value: "NaN" }],
      },
      style,
    );
    expect([...curve.y]).to.deep.equal([1, Number.NaN, -Infinity]);
    expect(curve.nonFinite).to.deep.equal([{ x: 1, value: Number.NaN }]);
    expect(curve.smooth).to.equal(null);
  });
});

describe("nearestPoint()", () => {
  const curve = shownCurve(
    { label: "a", metric: "m", count: 3, x: [0, 10, 40], y: [1, 2, 3], nonFinite: [] },
    style,
  );
  for (const [at, index] of [
    [-5, 0],
    [4, 0],
    [6, 1],
    [26, 2],
    [99, 2],
  ] as const) {
    it(`finds point ${index} at ${at}`, () => expect(nearestPoint(curve, at)).to.equal(index));
  }

  it("finds none without points", () => {
    expect(nearestPoint({ ...curve, x: new Float64Array(0) }, 1)).to.equal(-1);
  });
});
