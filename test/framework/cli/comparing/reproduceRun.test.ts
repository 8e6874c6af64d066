import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { seedbed } from "../../../support/cli.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

describe("seedbed reproduce", () => {
  const folder = temporaryFolder();
  const run = seedbed();
  const runs = (): string[] => ["--runs", folder.path("runs")];

  /** Carries out a short run. @returns its folder */
  async function begin(more = ""): Promise<string> {
    folder.write({
      "line.yaml": `experiment: leastSquares
name: line
trainer: { backend: cpu, maxSteps: 6, logEveryNSteps: 1 }
loggers: { tensorBoard: false, wandb: false }
tracking: { systemMetricsSeconds: 0 }
${more}`,
    });
    const before = folders();
    const { exitCode, warned } = await run(["run", folder.path("line.yaml"), ...runs()]);
    expect(exitCode, warned.join("\n")).to.equal(0);
    return folders().find((each) => !before.includes(each))!;
  }

  function folders(): string[] {
    const parent = folder.path("runs", "line");
    return existsSync(parent) ? readdirSync(parent).map((id) => path.join(parent, id)) : [];
  }

  it("carries a run out again, and says that it came out the same to the last bit", async () => {
    const first = await begin("callbacks: [{ modelCheckpoint: { everyNTrainSteps: 3 } }]");
    const { exitCode, printed } = await run(["reproduce", path.basename(first), ...runs()]);
    const again = folders().find((each) => each !== first)!;
    expect(printed.at(-2)).to.equal(`${first} and ${again}:`);
    expect(printed.at(-1)).to.match(
      /^Bit-identical up to step 6: \d+ logged values, \d tensors of the checkpoint at step 6$/,
    );
    expect(exitCode).to.equal(0);
  });

  it("says where numbers part, and ends with 1", async () => {
    const first = await begin("callbacks: [fitsSoFar]");
    const { exitCode, printed } = await run(["reproduce", first, ...runs()]);
    const [verdict, where] = printed.slice(-2);
    expect(verdict).to.equal("Not the same: fits differs first, at step 3 of 6");
    expect(where).to.match(/^ {2}fits first at step 3: (\d+), (?!\1)\d+$/);
    expect(exitCode).to.equal(1);
  });

  it("says beforehand what has changed since", async () => {
    const first = await begin("callbacks: []");
    const file = path.join(first, "manifest.json");
    const manifest = JSON.parse(readFileSync(file, "utf8"));
    manifest.versions["@tensorflow/tfjs"] = "3.0.0";
    manifest.host.cores += 1;
    writeFileSync(file, JSON.stringify(manifest));
    const { printed } = await run(["reproduce", first, ...runs()]);
    const before = printed.slice(
      0,
      printed.findIndex((line) => line.startsWith("Run ")),
    );
    expect(before[0]).to.equal("Changed since:");
    const { id } = manifest;
    expect(before.join("\n"))
      .to.match(new RegExp(`${id} +now`))
      .and.to.match(/versions.@tensorflow\/tfjs +3\.0\.0 +4\./)
      .and.to.match(/host\.cores +\d+ +\d+/);
    expect(before).to.have.length(4);
  });

  it("refuses a run whose spec was changed", async () => {
    const first = await begin("callbacks: []");
    appendFileSync(path.join(first, "spec.yaml"), "# 1\ndescription: another\n");
    const { exitCode, warned } = await run(["reproduce", first, ...runs()]);
    expect(warned.join()).to.include("its spec.yaml is not the one it was carried out with");
    expect(exitCode).to.equal(2);
    expect(folders()).to.deep.equal([first]);
  });

  describe("seedbed diff", () => {
    it("shows settings that differ, where numbers part, and which weights", async () => {
      const checkpoints = "callbacks: [{ modelCheckpoint: { everyNTrainSteps: 3 } }]";
      const first = await begin(checkpoints);
      const second = await begin(`${checkpoints}\ndata: { slope: 3 }`);
      const { exitCode, printed } = await run(["diff", first, path.basename(second), ...runs()]);
      const text = printed.join("\n");
      expect(text).to.match(/config +data\.slope +2 +3/);
      expect(text).to.match(/Not the same: [\w/]+ differs first, at step 1 of 6/);
      expect(text).to.match(/train\/loss first at step 1: [\d.]+, [\d.]+/);
      expect(text).to.match(/parameters\/weight at step 6: 1 of 1 values, by up to 0\.\d+/);
      expect(exitCode).to.equal(1);
    });

    it("says that a run is the same as itself", async () => {
      const first = await begin("callbacks: []");
      const { exitCode, printed } = await run(["diff", first, first, ...runs()]);
      expect(printed[0]).to.equal("They differ in nothing that was recorded");
      expect(printed.at(-1)).to.match(
        /^Bit-identical up to step 6: \d+ logged values, no checkpoint/,
      );
      expect(exitCode).to.equal(0);
    });
  });
}).timeout(180_000); // whole runs, on a machine that may be training
