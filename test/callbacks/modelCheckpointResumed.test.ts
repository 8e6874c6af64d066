import { rmSync } from "node:fs";

import { expect } from "chai";
import { findLastCheckpoint } from "seedbed";

import { modelCheckpoint } from "../../callbacks/modelCheckpoint.ts";
import { checkpointFits, scores } from "../support/checkpointFits.ts";

describe("modelCheckpoint() when resumed", () => {
  const { folder, root, fit, steps, best } = checkpointFits();
  const options = {
    monitor: "score",
    saveLast: false,
    mode: "max",
    saveTopK: 2,
    everyNTrainSteps: 2,
  } as const;
  const rising = Array.from({ length: 10 }, (_, i) => i + 1);
  const from = (name: string): string => folder.path("checkpoints", name);
  beforeEach(async () => {
    await fit(rising, options, { maxSteps: 4 });
    expect(steps()).to.deep.equal([2, 4]);
  });

  it("keeps the checkpoint it began with while it goes on", async () => {
    await fit(rising, options, { maxSteps: 8, resumeFrom: from("step-0000004") });
    expect([steps(), best()]).to.deep.equal([[4, 6, 8], 8]);
    await fit(rising, options, { maxSteps: 10, resumeFrom: from("step-0000008") });
    expect([steps(), best()]).to.deep.equal([[8, 10], 10]);
  });

  it("leaves another folder alone, but remembers the best of it", async () => {
    const callback = modelCheckpoint(options);
    const lines: string[] = [];
    const extra = { into: "elsewhere", print: (line: string) => void lines.push(line) };
    const resumeFrom = from("step-0000004");
    await fit(rising, callback, { ...extra, maxSteps: 5, resumeFrom });
    expect([callback.bestModelPath, callback.bestModelScore]).to.deep.equal([resumeFrom, 4]);
    expect(lines.join()).to.include(`the best of them is ${resumeFrom}`);

    await fit(rising, callback, { ...extra, maxSteps: 8, resumeFrom });
    expect([steps("elsewhere"), steps()]).to.deep.equal([
      [6, 8],
      [2, 4],
    ]);
    expect(callback.bestModelPath).to.equal(folder.path("elsewhere", "step-0000008"));
  });

  it("ends up with what a run in one go has", async () => {
    const both = { monitor: "score", saveTopK: 2 };
    await fit(scores, both, { into: "one-go" });
    await fit(scores, both, { into: "resumed", maxSteps: 3 });
    await fit(scores, both, {
      into: "resumed",
      resumeFrom: findLastCheckpoint(root("resumed")),
    });
    expect(steps("resumed")).to.deep.equal(steps("one-go"));
  });

  it("forgets checkpoints that are no longer there", async () => {
    const callback = modelCheckpoint({ ...options, mode: "min" });
    await fit(rising, callback, { into: "min", maxSteps: 4 });
    rmSync(folder.path("min", "step-0000002"), { recursive: true });
    const resumeFrom = folder.path("min", "step-0000004");
    await fit(rising, callback, { into: "min", maxSteps: 8, resumeFrom });
    expect(steps("min")).to.deep.equal([4, 6]);
  });
});
