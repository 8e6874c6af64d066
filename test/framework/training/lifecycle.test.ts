import { expect } from "chai";

import { clipGradients } from "../../../framework/optim/clipping.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import type { TrainingModule } from "../../../framework/training/trainingModule.ts";
import { HookRecorder } from "../../support/hookRecorder.ts";
import { expand, readPictures, type Expansion } from "../../support/lifecyclePicture.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { toyLoader, toyModule } from "../../support/toyTraining.ts";

const pictures = readPictures();
const owners = ["ordinary", "monitor", "module"];
/** Epochs of one window of two batches, each validated on one batch. */
const expansion: Expansion = {
  epochs: 2,
  batches: (block) => (block === "fit" ? 2 : 1),
  owners,
  without: ["when resuming"],
};

/** A recorder's callbacks in a Trainer, and its module. */
function recordedTrainer(folder: string, maxEpochs: number) {
  const recorder = new HookRecorder();
  const toy = toyModule();
  const evaluating: TrainingModule = {
    ...toy,
    configureCallbacks: () => [],
    configureGradientClipping: (gradients, scale) => clipGradients(gradients, scale, 1, "norm"),
    testStep: (...args) => toy.validationStep!(...args),
    predictStep: (batch) => ({ x: batch["x"]!.clone() }),
  };
  const trainer = new Trainer({
    maxEpochs,
    accumulateGradBatches: 2,
    numSanityValSteps: 1,
    print: () => {},
    checkpointsFolder: folder,
    callbacks: [recorder.callback("monitor", "monitor"), recorder.callback("ordinary")],
  });
  return { trainer, recorder, module: recorder.module(evaluating), dispose: () => toy.dispose() };
}

const data = { trainLoader: toyLoader(2), valLoader: toyLoader(1) };

describe("docs/lifecycle.md", () => {
  const folder = temporaryFolder();

  it("shows the calls of a fit", async () => {
    const { trainer, recorder, module, dispose } = recordedTrainer(folder.path(), 2);
    await trainer.fit(module, data);
    expect(recorder.calls).to.deep.equal(expand(pictures, "fit", expansion));
    dispose();
  });

  it("shows the calls of a fit that resumes", async () => {
    const first = recordedTrainer(folder.path(), 1);
    await first.trainer.fit(first.module, data);
    const { trainer, recorder, module, dispose } = recordedTrainer(folder.path(), 2);
    await trainer.fit(module, { ...data, resumeFrom: folder.path("step-0000001") });
    const whole = expand(pictures, "fit", { ...expansion, epochs: 1, without: [] });
    const sanity = whole.findIndex((call) => call.endsWith("onSanityCheckStart"));
    const training = whole.findIndex((call) => call.endsWith("onTrainStart"));
    expect(recorder.calls).to.deep.equal(whole.toSpliced(sanity, training - sanity));
    dispose();
    first.dispose();
  });

  for (const [task, name] of [
    ["validate", "Validation"],
    ["test", "Test"],
    ["predict", "Predict"],
  ] as const) {
    it(`shows the calls of ${task}`, async () => {
      const { trainer, recorder, module, dispose } = recordedTrainer(folder.path(), 1);
      await trainer[task](module, toyLoader(3));
      const picture = expand(pictures, "validate, test, predict", {
        ...expansion,
        batches: () => 3,
      });
      const renamed = picture.map((call) =>
        call
          .replace("Test", name)
          .replace("testStep", `${task === "validate" ? "validation" : task}Step`),
      );
      expect(recorder.calls).to.deep.equal(renamed);
      dispose();
    });
  }

  it("shows the calls after a failure", async () => {
    const { trainer, recorder, module, dispose } = recordedTrainer(folder.path(), 2);
    const failing: TrainingModule = {
      ...module,
      onTrainStart: () => Promise.reject(new Error("on purpose")),
    };
    const error = await trainer.fit(failing, data).catch(String);
    expect(error).to.include("Cannot finish onTrainStart of the module: on purpose");
    expect(recorder.calls.slice(-7)).to.deep.equal([
      "ordinary.onTrainStart",
      "monitor.onTrainStart",
      "ordinary.onException",
      "monitor.onException",
      "ordinary.teardown",
      "monitor.teardown",
      "module.teardown",
    ]);
    dispose();
  });
});
