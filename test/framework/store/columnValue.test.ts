import { expect } from "chai";
import { describe, it } from "mocha";

import { parseColumn, valueOf } from "../../../framework/store/columnValue.ts";
import { indexedRun } from "../../support/indexedRuns.ts";

describe("valueOf()", () => {
  const run = indexedRun({
    id: "abcd",
    config: { "optimizer.lr": 0.1, list: "[1,2]", none: null },
    metrics: {
      "val/loss": { last: 2, lastStep: 30, min: 1, minStep: 20, max: 3, maxStep: 10, count: 3 },
      "odd:name": { last: 7, lastStep: 1, min: 7, minStep: 1, max: 7, maxStep: 1, count: 1 },
    },
    summary: { fidelity: 0.5 },
    sweep: { id: "s", name: "rates", trial: 4 },
    tags: ["best", "old"],
  });

  const cases: [column: string, value: unknown][] = [
    ["config.optimizer.lr", 0.1],
    ["config.list", "[1,2]"],
    ["config.none", null],
    ["config.toString", null],
    ["metrics.val/loss", 2],
    ["metrics.val/loss:last", 2],
    ["metrics.val/loss:lastStep", 30],
    ["metrics.val/loss:min", 1],
    ["metrics.val/loss:minStep", 20],
    ["metrics.val/loss:max", 3],
    ["metrics.val/loss:maxStep", 10],
    ["metrics.val/loss:count", 3],
    ["metrics.val/loss:at(25)", 25],
    ["metrics.odd:name", 7],
    ["metrics.none:at(25)", null],
    ["metrics.__proto__", null],
    ["summary.fidelity", 0.5],
    ["id", "abcd"],
    ["sweep", "rates"],
    ["trial", 4],
    ["tags", "best, old"],
    ["notes", null],
    ["durationSeconds", 3600],
  ];
  for (const [name, value] of cases) {
    it(`reads ${name}`, () => {
      const column = parseColumn(name)!;
      expect(valueOf(run, column, (_run, _metric, step) => step)).to.equal(value);
    });
  }

  it("knows no other names", () => {
    for (const name of ["", "lr", "config", "config.", "tag", "metric.loss"])
      expect(parseColumn(name), name).to.equal(undefined);
  });
});
