import { readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { createRun } from "../../../framework/tracking/createRun.ts";
import { readMetrics } from "../../../framework/tracking/metricsFile.ts";
import { openLoggers } from "../../../framework/tracking/openLoggers.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { readEventFile } from "../../support/tensorBoardReader.ts";

const count = 10_000;
const at = (step: number) => ({ step, epoch: 0, wallTimeSeconds: step });

describe("a run with 10,000 metrics", () => {
  const folder = temporaryFolder();

  it("has all of them in every record, whether they come together or one by one", async () => {
    const common = { name: "many", seed: 1, spec: {}, specYaml: "", command: [] };
    const run = createRun({ root: folder.path(), ...common });
    await openLoggers(run, { parameters: {}, wandb: false, csv: true });
    const values = Object.fromEntries(Array.from({ length: count }, (_, i) => [`layer/${i}`, i]));
    for (const step of [1, 2]) await run.logMetrics(values, at(step));
    for (let i = 0; i < 500; i++) await run.logMetrics({ [`late/${i}`]: i }, at(3));
    await run.finish("finished");

    const records = readMetrics(run.folder);
    expect(records).to.have.length(502);
    expect(Object.keys(records[1]!.metrics)).to.have.length(count);
    const [heading = "", ...rows] = readFileSync(run.path("metrics.csv"), "utf8")
      .trim()
      .split("\n");
    expect(heading.split(",")).to.have.length(3 + count + 500);
    expect(rows.map((row) => row.split(",").length)).to.deep.equal(rows.map(() => 3 + count + 500));
    expect(rows).to.have.length(502);
    const [events = ""] = readdirSync(run.path("tensorboard"));
    const tags = readEventFile(run.path("tensorboard", events)).flatMap(({ values: each }) =>
      each.filter(({ plugin }) => plugin === "scalars"),
    );
    expect(tags).to.have.length(count + 500);
  });
});
