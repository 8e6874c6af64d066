import { expect } from "chai";
import { describe, it } from "mocha";
import type { ReportBlock } from "seedbed";

import { chainReport, type MeasuredLink } from "../../../../experiments/nano/chain/chainReport.ts";

const evaluation = {
  ...{ score: 0.8, perplexity: 4, prosePerplexity: Number.NaN },
  groups: { rules: 0.6, tools: 1 },
  counts: { rules: 50, tools: 40, "tools.valid": 40, "tools.noCall": 10 },
  calls: { "tools.valid": 1, "tools.noCall": 0.5 },
};
const full: MeasuredLink = {
  ...{ name: "full", run: "a1", sha256: "00", parameters: 11e6, bytes: 44e6, evaluation },
  speed: { firstTokenMs: 20, firstTokenCpuMs: 20, tokenMs: 4, tokenCpuMs: 4 },
};
const small: MeasuredLink = {
  ...{ name: "int8", run: undefined, sha256: "11", parameters: 2e6, bytes: 3e6 },
  evaluation: { ...evaluation, score: 0.76, perplexity: 5 },
  speed: { firstTokenMs: 5, firstTokenCpuMs: 5, tokenMs: 1, tokenCpuMs: 1 },
};

describe("chainReport()", () => {
  const { blocks, data } = chainReport({
    ...{ links: [full, small], request: { prompt: 64, length: 128 } },
    circumstances: [["processor", "one"]],
  });
  const tables = blocks.filter((block) => block.kind === "table");
  const cellsOf = (table: ReportBlock | undefined, row: number) =>
    table?.kind === "table"
      ? table.rows[row]!.cells.map((cell) => (typeof cell === "object" ? cell.mean : cell))
      : [];

  it("compares each model with the first", () => {
    const [, , , prose, ...more] = cellsOf(tables[0], 0);
    expect(prose).to.equal(undefined);
    expect(more.slice(-3)).to.deep.equal([1, 1, 1]);
    const numbers = cellsOf(tables[0], 1);
    expect(numbers.slice(0, 3)).to.deep.equal([2, 3, 5]);
    expect(numbers.slice(4, 8)).to.deep.equal([0.76, 1000, 1, 5]);
    const [speed, cost, score] = numbers.slice(-3);
    expect(speed).to.equal(4);
    expect(cost).to.be.closeTo(0.25, 1e-12);
    expect(score).to.be.closeTo(0.95, 1e-12);
  });

  it("has a column for each kind of task that there was, and one plot", () => {
    expect(tables[1]?.columns.map(({ label }) => label)).to.deep.equal([
      "rules",
      "tools",
      "tools.valid",
      "tools.noCall",
    ]);
    expect(cellsOf(tables[1], 2)).to.deep.equal(["50", "40", "40", "10"]);
    const charts = blocks.filter((block) => block.kind === "chart");
    expect(charts.map(({ points }) => points.map(({ label }) => label))).to.deep.equal([
      ["full", "int8"],
    ]);
  });

  it("says how many pictures are named, of models that see", () => {
    const seeing = chainReport({
      links: [full, { ...small, named: 0.25 }],
      ...{ request: { prompt: 64, length: 128 }, circumstances: [] },
    });
    const tasks = seeing.blocks.filter((block) => block.kind === "table")[1];
    expect(tasks!.columns.at(-1)).to.deep.equal({ label: "pictures named" });
    expect([0, 1].map((row) => cellsOf(tasks, row).at(-1))).to.deep.equal([undefined, 0.25]);
  });

  it("gives programs all numbers, with the models' runs", () => {
    expect(data).to.have.nested.property("links[1].ratios.speed", 4);
    expect(data).to.have.nested.property("links[0].run", "a1");
    expect(data).to.have.nested.property("links[0].evaluation.groups.rules", 0.6);
  });
});
