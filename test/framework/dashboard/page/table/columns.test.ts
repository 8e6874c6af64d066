import { expect } from "chai";
import { describe, it } from "mocha";

import {
  columnLabel,
  defaultColumns,
  formatMetricColumn,
  parseMetricColumn,
} from "../../../../../framework/dashboard/page/table/columns.ts";

describe("parseMetricColumn()", () => {
  for (const [column, metric, part, step] of [
    ["metrics.val/loss", "val/loss", "last", null],
    ["metrics.val/loss:min", "val/loss", "min", null],
    ["metrics.val/loss:at(1000)", "val/loss", "at", 1000],
    ["metrics.ratio a:b", "ratio a:b", "last", null],
  ] as const) {
    it(`reads ${column}`, () => {
      const parsed = parseMetricColumn(column);
      expect(parsed).to.deep.equal({ metric, part, step });
      expect(formatMetricColumn({ metric, part, step })).to.equal(column);
    });
  }

  it("leaves other columns", () => expect(parseMetricColumn("config.seed")).to.equal(null));
});

describe("columnLabel()", () => {
  it("names the setting, and its section beside it", () => {
    expect(columnLabel("config.optimizer.learningRate")).to.deep.equal({
      label: "learningRate",
      detail: "optimizer",
    });
    expect(columnLabel("metrics.val/loss:at(10)")).to.deep.equal({
      label: "val/loss",
      detail: "at 10",
    });
  });
});

describe("defaultColumns()", () => {
  it("shows settings that differ, without the seed, and metrics that most runs have", () => {
    const column = (name: string, runs: number, distinct: number) =>
      ({ name, runs, distinct, kind: "number" }) as const;
    const columns = defaultColumns({
      revision: 1,
      config: [
        column("config.seed", 9, 9),
        column("config.a", 9, 1),
        column("config.b", 3, 2),
        column("config.c", 9, 2),
      ],
      metrics: [
        column("metrics.layers/0", 9, 9),
        column("metrics.val/rare", 1, 1),
        column("metrics.val/loss", 9, 9),
      ],
      summary: [],
    });
    expect(columns).to.deep.equal([
      ...["status", "startedAt", "durationSeconds", "step"],
      ...["config.c", "config.b", "metrics.val/loss", "metrics.val/rare"],
      ...["metrics.layers/0", "tags"],
    ]);
  });
});
