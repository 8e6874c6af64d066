import { existsSync, readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { seedbed } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const spec = (experiment: string): string => `name: line
experiment: ${experiment}
trainer: {backend: cpu, maxSteps: 1, logEveryNSteps: 1, numSanityValSteps: 0}
loggers: {tensorBoard: false, wandb: false}
`;

describe("seedbed evaluate", () => {
  const folder = temporaryFolder();
  const run = seedbed();
  const runs = (): string[] => ["--runs", folder.path("runs")];

  /** @returns the run's folder */
  async function make(experiment: string, ...overrides: string[]): Promise<string> {
    folder.write({ "line.yaml": spec(experiment) });
    const { printed } = await run(["run", folder.path("line.yaml"), ...overrides, ...runs()]);
    return printed[0]!.replace("Run ", "");
  }

  it("lets the experiment compare runs, by how their specs differ, and writes what it found", async () => {
    const found = [
      await make("leastSquares", "data.slope=2"),
      await make("leastSquares", "data.slope=3", "seed=1"),
      await make("leastSquares", "data.slope=3", "seed=2"),
    ];
    const out = folder.path("out");
    const args = ["--out", out, "--samples", "7", "--prompt", "a b", "--format", "markdown"];
    const { exitCode, printed } = await run(["evaluate", ...found, ...args]);
    expect(exitCode).to.equal(0);
    expect(printed).to.deep.equal([
      "         seed",
      "slope=2     0",
      "slope=3     1",
      "slope=3     2",
      `${out}/report.md`,
      `${out}/report.json`,
    ]);
    expect(JSON.parse(readFileSync(`${out}/report.json`, "utf8"))).to.deep.equal({
      samples: 7,
      prompts: ["a b"],
    });
  });

  it("takes runs that differ in nothing under their name, each once, beside their files", async () => {
    const one = await make("leastSquares");
    const { printed } = await run(["evaluate", one, one]);
    expect(printed).to.deep.equal([
      "      seed",
      "line     0",
      ...["html", "md", "json"].map((kind) => `${one}/evaluation/report.${kind}`),
    ]);
    expect((await run(["evaluate", one])).exitCode, "an earlier report is replaced").to.equal(0);
  });

  it("leaves no report after a signal", async () => {
    const one = await make("leastSquares");
    const interrupt = new AbortController();
    interrupt.abort();
    const { exitCode, warned } = await run(["evaluate", one, "--out", folder.path("out")], {
      interrupt,
    });
    expect([exitCode, warned]).to.deep.equal([
      143,
      ["Interrupted: there is no report; the same command goes on where it stopped"],
    ]);
    expect(existsSync(folder.path("out"))).to.equal(false);
  });

  it("refuses what cannot be evaluated, and writes nothing", async () => {
    const line = await make("leastSquares");
    const broken = await make("broken");
    folder.write({ "taken/file.txt": "mine" });
    for (const { args, expected } of [
      { args: [broken], expected: 'experiment "broken" does not say how' },
      { args: [line, broken], expected: "expected runs of one experiment" },
      { args: ["zzzz", ...runs()], expected: 'Cannot find run "zzzz"' },
      { args: [line, "--samples", "1"], expected: "--samples must be an integer from 2" },
      { args: [line, "--out", "a", "--out", "b"], expected: "expected --out once" },
      { args: [line, "--prompts", "none.txt"], expected: "no such file" },
      { args: [line, "--out", folder.path("taken")], expected: "an earlier report or nothing" },
      { args: [line, "--format", "pdf"], expected: 'Choices: "html", "markdown"' },
    ]) {
      const { exitCode, warned } = await run(["evaluate", ...args]);
      expect([exitCode, warned.join("\n")].join())
        .to.match(/^2,/)
        .and.include(expected);
    }
    expect(readdirSync(line)).to.not.include("evaluation");
  });
});
