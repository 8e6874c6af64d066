import { rmSync } from "node:fs";

import { expect } from "chai";
import { findLastCheckpoint } from "seedbed";

import { modelCheckpoint } from "../../callbacks/modelCheckpoint.ts";
import { checkpointFits, scores } from "../support/checkpointFits.ts";

describe("modelCheckpoint() with a filename", () => {
  const { folder, root, fit, names, best, last } = checkpointFits();
  const named = { monitor: "score", saveLast: false, filename: "{epoch:02d}-{score:.1f}" };

  it("writes numbers with their names, or without", async () => {
    await fit(scores, { ...named, saveTopK: 2 });
    expect(names()).to.deep.equal(["epoch=02-score=2.8", "epoch=04-score=2.5"]);
    await fit([7], { ...named, autoInsertMetricName: false });
    expect(names()).to.include("00-7.0");
  });

  it("can be resumed from the newest, whatever its name", async () => {
    const options = { ...named, filename: "{score:.1f}" };
    const bytes = await fit(scores, options, { into: "one-go" });
    await fit(scores, options, { maxSteps: 3 });
    rmSync(folder.path("checkpoints", "last.json"));
    const resumeFrom = findLastCheckpoint(root());
    expect(resumeFrom).to.equal(folder.path("checkpoints", "score=2.8"));
    expect(await fit(scores, options, { resumeFrom })).to.equal(bytes);
  });

  it("uses one name again and again", async () => {
    await fit(scores, { ...named, filename: "model" });
    expect(names()).to.deep.equal(["model"]);
    expect([best(), last()]).to.deep.equal([5, 5]);
  });

  it("adds a version when another checkpoint has the name", async () => {
    const everyStep = { filename: "model", saveLast: false, saveTopK: -1 };
    await fit([1, 2, 3], everyStep);
    expect(names()).to.deep.equal(["model", "model-v1", "model-v2"]);
    await fit([1], everyStep);
    expect(names()).to.include("model-v3");
  });

  it("overwrites it without the version counter", async () => {
    await fit([1, 2, 3], { filename: "model", saveTopK: -1, enableVersionCounter: false });
    expect([names(), last()]).to.deep.equal([["model"], 3]);
  });

  it("shares a checkpoint with another callback, but does not take it away", async () => {
    const rising = modelCheckpoint({
      monitor: "score",
      mode: "max",
      saveLast: false,
      filename: "m",
    });
    const falling = modelCheckpoint({ monitor: "score", saveLast: false, filename: "m" });
    await fit([5, 7], rising, { callbacks: [falling] });
    expect([rising.bestModelPath, falling.bestModelPath]).to.deep.equal([
      folder.path("checkpoints", "m-v1"),
      folder.path("checkpoints", "m"),
    ]);
    expect(names()).to.deep.equal(["m", "m-v1"]);
  });

  it("finds the name of a step free that a killed fit had reached", async () => {
    const options = { ...named, filename: "{epoch}", saveTopK: -1 };
    await fit([1, 2, 3], options);
    const resumeFrom = folder.path("checkpoints", "epoch=1");
    await fit([1, 2, 3], options, { resumeFrom });
    expect(names()).to.deep.equal(["epoch=0", "epoch=1", "epoch=2"]);
  });

  it("does not overwrite the checkpoint that the fit was resumed from", async () => {
    await fit([3], { ...named, filename: "model" });
    const resumeFrom = folder.path("checkpoints", "model");
    await fit([3, 2], { ...named, filename: "model" }, { resumeFrom });
    expect(names()).to.deep.equal(["model", "model-v1"]);
  });
});
