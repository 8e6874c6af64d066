import { existsSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { generateRuns } from "../../browser/support/generateRuns.ts";
import { seedbed } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("seedbed report", () => {
  const folder = temporaryFolder();
  const run = seedbed();
  const out = (...parts: string[]): string => folder.path("report", ...parts);
  const options = (): string[] => ["--runs", folder.path("runs"), "--out", out()];
  beforeEach(() => generateRuns({ folder: folder.path("runs"), count: 6 }));

  it("writes a page, Markdown with pictures, and the numbers, and prints the table", async () => {
    const args = ["report", "r0000000", "r0000001", "r0000003", "--metrics", "val/loss"];
    const { exitCode, printed, warned } = await run([...args, ...options()]);
    expect([exitCode, warned]).to.deep.equal([0, []]);
    expect(printed[0]).to.match(/runs +status +step +val\/loss +score/);
    expect(printed.slice(-3)).to.deep.equal(
      ["report.html", "report.md", "report.json"].map((name) => out(name)),
    );
    expect(readFileSync(out("report.html"), "utf8")).to.include("Comparison of 3 runs");
    expect(readFileSync(out("report.md"), "utf8")).to.include("(pictures/metric-1.svg)");
    expect(existsSync(out("pictures", "metric-1.svg"))).to.equal(true);
    const { groups } = JSON.parse(readFileSync(out("report.json"), "utf8"));
    expect(groups.map(({ runs }: { runs: unknown[] }) => runs.length)).to.deep.equal([2, 1]);
  });

  it("refuses a run that is not there, and a place that is taken", async () => {
    const unknown = await run(["report", "nobody", ...options()]);
    expect([unknown.exitCode, unknown.warned[0]]).to.deep.equal([
      2,
      `Cannot find run "nobody": expected a run's folder, or an id of one run below ${folder.path("runs")}, got no such run`,
    ]);
    folder.write({ "report/mine.txt": "" });
    const taken = await run(["report", "r0000000", ...options()]);
    expect([taken.exitCode, existsSync(out("mine.txt"))]).to.deep.equal([2, true]);
  });
});
