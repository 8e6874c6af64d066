import { expect } from "chai";
import { describe, it } from "mocha";

import { Line } from "../../../framework/store/line.ts";

describe("Line.over()", () => {
  for (const [what, x, order] of [
    ["keeps what is in order", [1, 2, 2, 3], [0, 1, 2, 3]],
    ["puts the rest in order, equal x in theirs", [2, 1, 2, 1], [1, 3, 0, 2]],
    ["leaves NaN out", [1, NaN, 2], [0, 2]],
    ["leaves NaN out at the start", [NaN, 1], [1]],
    ["leaves NaN out alone", [NaN], []],
    ["leaves infinity out", [1, 2, Infinity], [0, 1]],
    ["leaves minus infinity out", [-Infinity, 1, 2], [1, 2]],
    ["takes no points", [], []],
  ] as const) {
    it(what, () => {
      const line = Line.over(Float64Array.from(x), Float64Array.from(x.keys()));
      expect([...line.y]).to.deep.equal([...order]);
      expect([...line.x]).to.deep.equal(order.map((place) => x[place]));
    });
  }
});
