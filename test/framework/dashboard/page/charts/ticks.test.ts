import { expect } from "chai";
import { describe, it } from "mocha";

import { ticks } from "../../../../../framework/dashboard/page/charts/ticks.ts";

describe("ticks()", () => {
  for (const [range, log, expected] of [
    [[0, 1], false, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [[-3, 12], false, [0, 5, 10]],
    [[0.1, 0.3], false, [0.1, 0.15, 0.2, 0.25, 0.3]],
    [[0.001, 5000], true, [0.001, 0.1, 10, 1000]],
    [[2, 9], true, [2, 4, 6, 8]],
  ] as const) {
    it(`marks ${range.join(" to ")}${log ? " on a log axis" : ""}`, () =>
      expect(ticks(range, log, 5)).to.deep.equal(expected));
  }
});
