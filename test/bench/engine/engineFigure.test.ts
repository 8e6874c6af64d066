import { expect } from "chai";
import { describe, it } from "mocha";

import { engineRows, engineTable } from "./engineFigure.ts";

const report = {
  figures: [
    { name: "engine-capture", title: "capture", ms: 2410.4, target: 5000 },
    { name: "engine-overhead", title: "replay", ms: 3.14, share: 0.008, target: 0.03 },
    { name: "engine-empty-run", title: "nothing", ms: 0.0091 },
  ],
  peakMb: 900,
};

describe("engineRows()", () => {
  it("has the keys of every row, then share and target", () => {
    const none = { ratioToPyTorch: null, ratioToTfjsNode: null, ratioToWasm: null, peakMb: 900 };
    expect(engineRows(report)).to.deep.equal([
      { name: "engine-capture", ms: 2410.4, ...none, target: 5000 },
      { name: "engine-overhead", ms: 3.14, ...none, share: 0.008, target: 0.03 },
      { name: "engine-empty-run", ms: 0.0091, ...none },
    ]);
  });
});

describe("engineTable()", () => {
  it("sets what was measured beside what was wanted", () => {
    expect(engineTable(report).split("\n").slice(2)).to.deep.equal([
      "| capture |  2410 |             | <= 5000 ms |",
      "| replay  |  3.14 |       0.8 % |   <= 3.0 % |",
      "| nothing | 0.009 |             |            |",
    ]);
  });
});
