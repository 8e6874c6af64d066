import { expect } from "chai";
import { describe, it } from "mocha";

import { cellText } from "../../../../../framework/dashboard/page/table/cellText.ts";

const nowMs = Date.parse("2026-01-02T12:00:00Z");

describe("cellText()", () => {
  for (const [column, cell, text] of [
    ["config.lr", 0.123456, "0.1235"],
    ["metrics.loss", "NaN", "NaN"],
    ["durationSeconds", 3725, "1h 02m"],
    ["startedAt", "2026-01-02T09:00:00Z", "3h ago"],
    ["config.name", "<b>unet</b>", "<b>unet</b>"],
    ["config.flag", false, "false"],
    ["config.none", null, ""],
  ] as const) {
    it(`shows ${column} ${cell} as "${text}"`, () =>
      expect(cellText(column, cell, nowMs).text).to.equal(text));
  }

  it("shows a group's numbers as mean and deviation, the rest on hover", () => {
    const cell = { mean: 0.91234, deviation: 0.00412, min: 0.9, max: 0.92, count: 5 };
    const { text, title } = cellText("metrics.acc", cell, nowMs);
    expect(text).to.equal("0.9123 ± 0.0041");
    expect(title).to.equal("mean 0.91234\ndeviation 0.00412\nmin 0.9\nmax 0.92\n5 runs");
  });

  it("shows a group's other values once each", () => {
    const cell = { values: ["a", "b", "a", null], more: 2 };
    expect(cellText("config.name", cell, nowMs).text).to.equal("a, b, none, 2 more");
  });

  it("marks what is not finite", () => {
    expect(cellText("metrics.loss", "Infinity", nowMs).strange).to.equal(true);
  });
});
