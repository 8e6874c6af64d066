import { expect } from "chai";
import { findLastCheckpoint, InterruptedError, readPointer, Trainer, type Callback } from "seedbed";

import { modelCheckpoint } from "../../callbacks/modelCheckpoint.ts";
import { checkpointFits } from "../support/checkpointFits.ts";
import { toyLoader, toyModule } from "../support/toyTraining.ts";

describe("modelCheckpoint() with saveOnException", () => {
  const { root, fit, names } = checkpointFits();
  const options = { saveOnException: true, everyNTrainSteps: 100, saveLast: false };
  const failing = (hook: keyof Callback, error = new Error("on purpose")): Callback => ({
    name: "failing",
    [hook]: ({ step }: { step: number }) => {
      if (step === 2) throw error;
    },
  });

  it("saves what the last step left", async () => {
    const bytes = await fit([1, 2, 3, 4], options, { into: "one-go" });
    await fit([1, 2, 3, 4], options, { callbacks: [failing("onTrainEpochStart")] }).catch(String);
    expect(names()).to.deep.equal(["step-0000002-interrupted"]);
    const resumeFrom = findLastCheckpoint(root());
    expect(await fit([1, 2, 3, 4], options, { resumeFrom })).to.equal(bytes);
  });

  it("does not save in the middle of a step, nor twice after an interruption", async () => {
    const callbacks = [failing("onTrainBatchEnd")];
    const error = await fit([1, 2, 3], options, { callbacks }).catch(String);
    expect([error, names()]).to.deep.equal([
      'Error: Cannot finish onTrainBatchEnd of callback "failing": on purpose',
      [],
    ]);
    const controller = new AbortController();
    const aborting: Callback = { name: "aborting", onTrainEpochStart: () => controller.abort() };
    const module = toyModule();
    const trainer = new Trainer({
      maxSteps: 3,
      checkpointsFolder: root(),
      signal: controller.signal,
      callbacks: [modelCheckpoint(options), aborting],
      print: () => {},
    });
    const interrupted: unknown = await trainer
      .fit(module, { trainLoader: toyLoader(3) })
      .catch((caught: unknown) => caught);
    module.dispose();
    expect(interrupted).to.be.instanceOf(InterruptedError);
    expect(names()).to.deep.equal(["step-0000001-interrupted"]);
  });

  it("keeps the best, and best.json, when a better one cannot be saved", async () => {
    const best = { monitor: "score", saveOnException: true, saveLast: false };
    let failures = 0;
    const full: Callback = {
      name: "full",
      onSaveCheckpoint({ step }) {
        if (step === 2 && ++failures === 1) throw new Error("disk full");
      },
    };
    const scores = [3, 2, 4, 1];
    const error = await fit(scores, best, { callbacks: [full] }).catch(String);
    expect(error).to.include("disk full");
    const left = ["step-0000001", "step-0000002-interrupted"];
    expect(names()).to.deep.equal(left);
    expect(readPointer(root(), "best")?.checkpoint).to.equal("step-0000001");

    const resumeFrom = findLastCheckpoint(root());
    const asItWas: unknown[] = [];
    const looking: Callback = { name: "looking", onTrainStart: () => void asItWas.push(names()) };
    await fit(scores, best, { resumeFrom, callbacks: [looking] });
    expect(asItWas).to.deep.equal([left]);
    expect(readPointer(root(), "best")?.checkpoint).to.equal("step-0000004");
    expect(names()).to.deep.equal(["step-0000004"]);
  });

  it("reports the failure of training, not that of saving", async () => {
    const lines: string[] = [];
    const unsaved = failing("onSaveCheckpoint", new Error("disk full"));
    const error = await fit([1, 2, 3], options, {
      callbacks: [failing("onTrainEpochStart"), unsaved],
      print: (line) => void lines.push(line),
    }).catch(String);
    expect(error).to.include("on purpose");
    expect(lines.join()).to.match(/No checkpoint could be saved after the exception:.*disk full/);
  });
});
