import { expect } from "chai";
import { describe, it } from "mocha";

import { listColumns } from "../../../framework/store/listColumns.ts";
import { indexedRun, metricSummary } from "../../support/indexedRuns.ts";

describe("listColumns()", () => {
  it("counts runs and values, and tells kinds", () => {
    const runs = [
      indexedRun({ config: { size: 32, name: "a", mixed: 1, none: null, on: true } }),
      indexedRun({ config: { size: 32, name: "b", mixed: "x" }, summary: { score: NaN } }),
      indexedRun({ config: { size: null }, metrics: { loss: metricSummary(2, 1) } }),
    ];
    expect(listColumns(runs)).to.deep.equal({
      config: [
        { name: "config.mixed", runs: 2, kind: "mixed", distinct: 2 },
        { name: "config.name", runs: 2, kind: "text", distinct: 2 },
        { name: "config.none", runs: 1, kind: "text", distinct: 1 },
        { name: "config.on", runs: 1, kind: "boolean", distinct: 1 },
        { name: "config.size", runs: 3, kind: "number", distinct: 2 },
      ],
      metrics: [{ name: "metrics.loss", runs: 1, kind: "number", distinct: 1 }],
      summary: [{ name: "summary.score", runs: 1, kind: "number", distinct: 1 }],
    });
  });

  it("counts different values up to 1,001", () => {
    const runs = Array.from({ length: 1500 }, (_, i) => indexedRun({ config: { i } }));
    expect(listColumns(runs).config[0]).to.include({ runs: 1500, distinct: 1001 });
  });
});
