import { mkdirSync, readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { checkReportOptions } from "../../../../framework/cli/sweeps/checkReportOptions.ts";
import {
  writeSweepReport,
  type SweepReportFile,
} from "../../../../framework/cli/sweeps/writeSweepReport.ts";
import { SweepFolder } from "../../../../framework/sweep/sweepFolder.ts";
import type { TrialPlan } from "../../../../framework/sweep/trialPlan.ts";
import { storeTrial, sweepWorkshop } from "../../../support/sweeps.ts";

describe("writeSweepReport()", () => {
  const workshop = sweepWorkshop();

  /** Twelve points on two seeds; the score grows with the rate and with adam, and was logged twice. */
  async function storedPlan(finished = 24): Promise<TrialPlan> {
    const plan = workshop.plan(`seeds: 2
metric: { name: score, goal: maximize }
parameters:
  optimizer.learningRate: { values: [0.01, 0.02, 0.05, 0.1, 0.2, 1] }
  optimizer.name: { values: [sgd, adam] }`);
    for (let i = 0; i < finished; i++) {
      const trial = plan.trialAt(i)!;
      const [rate, name] = [Math.floor(i / 4), Math.floor(i / 2) % 2];
      const score = rate + 0.5 * name + 0.1 * (i % 2);
      const logged = [{ score: score / 2 }, { score, loss: -score }];
      await storeTrial(workshop.folder(plan), plan, trial, { logged });
    }
    return plan;
  }

  const write = (plan: TrialPlan, options: Partial<SweepReportFile>): Promise<string> =>
    writeSweepReport(plan, {
      file: "sweep.yaml",
      folder: workshop.folder(plan),
      metrics: [],
      format: "markdown",
      out: workshop.path("out"),
      ...options,
    });

  it("writes Markdown with its plots beside it", async () => {
    const place = await write(await storedPlan(), { metrics: ["loss"] });
    const page = readFileSync(place, "utf8");
    expect(page).to.match(/\*\*Configuration\*\*: learningRate 1, name adam/);
    expect(page).to.include("score, mean of 2 seeds**: 5.55, 95 % interval 4.915 to 6.185");
    expect(page).to.include("the best is better than the second by more than chance");
    expect(page).to.include("| 1 | 1 | adam | 5.55 | 4.915 to 6.185 | -5.55 ± 0.07071 | 2 |");
    expect(page).to.match(
      /\| optimizer\.learningRate \| [01]\.\d\d \| [01]\.\d\d \| [01]\.\d\d \| 0\.\d\d \|/,
    );
    expect(page).to.include("## Learning curves");
    expect(page).to.include("| finished | 24 |");
    const pictures = readdirSync(workshop.path("out", "pictures"));
    expect(pictures).to.have.members([
      ...["importance.svg", "dependence-1.svg", "dependence-2.svg"],
      ...["parallel.svg", "learning-curves.svg"],
    ]);
    for (const name of pictures) {
      expect(page).to.include(`](pictures/${name})`);
      const svg = readFileSync(workshop.path("out", "pictures", name), "utf8");
      expect(svg)
        .to.include("prefers-color-scheme:dark")
        .and.not.match(/NaN|undefined|Infinity/);
    }
    const data = JSON.parse(readFileSync(workshop.path("out", "report.json"), "utf8"));
    expect(data.points).to.have.length(12);
    expect(data.influence.parameters[0].importance.fanova).to.be.above(0.8);
  });

  it("writes one page of HTML with the same parts, that asks for nothing", async () => {
    const out = workshop.path("deep", "report.html");
    const page = readFileSync(await write(await storedPlan(), { format: "html", out }), "utf8");
    expect(page.match(/<svg /g)).to.have.length(5);
    expect(page).to.include("Best configuration").and.include("color-scheme: light dark");
    expect(page.replaceAll("http://www.w3.org/2000/svg", "")).to.not.match(/https?:|<script|<link/);
    expect(readdirSync(workshop.path("deep"))).to.deep.equal(["report.html"]);
  });

  it("draws the Pareto front of several metrics", async () => {
    const plan = workshop.plan(`metrics: [{ name: score, goal: maximize }, { name: size }]
parameters:
  model.size: { values: [1, 2, 3, 4] }`);
    for (const [i, score] of [1, 3, 2, 5].entries()) {
      const summary = { score, size: i + 1 };
      await storeTrial(workshop.folder(plan), plan, plan.trialAt(i)!, { summary });
    }
    const page = readFileSync(await write(plan, {}), "utf8");
    expect(page).to.include("to maximize score and to minimize size");
    expect(page).to.include("3 of 4 points are such that none is better in every metric");
    const svg = readFileSync(workshop.path("out", "pictures", "pareto-1.svg"), "utf8");
    expect(svg.match(/r="6" fill="[^"]*"><title>/g)).to.have.length(3);
    expect(svg).to.match(/r="4" [^>]*><title>size 3</);
  });

  it("says that there are not enough runs for importance, and knows a search without results", async () => {
    const few = readFileSync(await write(await storedPlan(19), {}), "utf8");
    expect(few).to.include("Not enough runs: 19 finished ones have score");
    const none = workshop.plan("metric: { name: score }\nparameters: { seed: { values: [1, 2] } }");
    const page = readFileSync(
      await write(none, { folder: new SweepFolder(workshop.path("nowhere"), "sweep") }),
      "utf8",
    );
    expect(page).to.include("No finished run has score yet");
  });

  it("refuses a sweep without a metric, and a place where something else is", async () => {
    const plan = workshop.plan("parameters: { seed: { values: [1, 2] } }");
    const problem = async (of: TrialPlan, options: Partial<SweepReportFile>) =>
      write(of, options).catch((error: Error) => error.message);
    expect(await problem(plan, {})).to.match(/expected a metric in sweep.yaml, got none/);
    mkdirSync(workshop.path("out", "mine"), { recursive: true });
    const stored = await storedPlan(4);
    expect(await problem(stored, {})).to.match(/expected an empty folder, an earlier report/);
    expect(await problem(stored, { format: "html" })).to.match(/got a folder/);
    expect(await problem(stored, { out: workshop.path("new"), metrics: ["scor"] })).to.match(
      /no finished trial has the metric "scor"; did you mean "score"/,
    );
    expect(readdirSync(workshop.path())).to.not.include("new");
  });
});

describe("checkReportOptions()", () => {
  const table = { by: "", trials: false };

  it("tells a report from a table", () => {
    expect(checkReportOptions({ ...table, format: "markdown", out: undefined })).to.equal(
      undefined,
    );
    expect(checkReportOptions({ ...table, format: "html", out: "a.html" })).to.deep.equal({
      format: "html",
      out: "a.html",
    });
  });

  it("refuses what does not go together", () => {
    const refused = [
      [{ ...table, format: "html", out: undefined }, /expected a file with --out/],
      [{ ...table, format: "csv", out: "a" }, /expected --format markdown or html, got csv/],
      [{ ...table, by: "seed", format: "html", out: "a" }, /--by and --trials are for tables/],
    ] as const;
    for (const [options, message] of refused) {
      expect(() => checkReportOptions(options)).to.throw(message);
    }
  });
});
