import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { runSeedbed, runWorkers } from "../support/mpirun.ts";
import { SumsRuns } from "../support/sumsRuns.ts";

const sharded = "trainer.strategy={name: mpi, shardOptimizer: true}";
const shardedIfSeveral = "trainer.strategy={shardOptimizer: true}";
const saves = "callbacks=[{modelCheckpoint: {everyNTrainSteps: 4}}]";

describe("workers under mpirun that divide the optimizer", () => {
  const runs = new SumsRuns();
  const lastStep = (file: string): string =>
    readFileSync(
      path.join(runs.runFolder(), "checkpoints", "step-0000008", `${file}.safetensors`),
      "base64",
    );

  for (const bias of [false, true]) {
    it(`compute and save what others do: ${bias ? "a share for each" : "one has nothing"}`, async () => {
      const seen: unknown[] = [];
      for (const strategy of ["trainer.strategy=mpi", sharded]) {
        const args = runs.args(strategy, saves, `model.bias=${bias}`, "trainer.gradientClipVal=1");
        const { code, text } = await runWorkers([args]);
        expect(code, text).to.equal(0);
        const curves = ["train/loss", "train/gradientNorm"].map((name) => runs.curve(name));
        expect(curves[0]).to.have.length(8);
        seen.push({ curves, parameters: lastStep("parameters"), optimizer: lastStep("optimizer") });
        runs.folder.clear();
      }
      expect(seen[1]).to.deep.equal(seen[0]);
    });
  }

  it("save what one process goes on from when one of them is interrupted", async () => {
    const interrupts = "callbacks=[{misbehave: {how: interrupt}}]";
    const started = await runWorkers([runs.args(shardedIfSeveral, interrupts)]);
    expect(started.code, started.text).to.equal(143);
    expect(runs.manifest().status).to.equal("interrupted");
    const alone = await runSeedbed([
      "resume",
      runs.runFolder(),
      "--runs",
      runs.folder.path("runs"),
    ]);
    expect(alone.code, alone.text).to.equal(0);
    expect(alone.text).to.match(/^workers is 1, but was 2 before resuming$/m);
    expect(runs.curve("train/loss")).to.have.length(8);
  });
});
