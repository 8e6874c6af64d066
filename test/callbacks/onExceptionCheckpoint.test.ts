import { expect } from "chai";
import {
  findLastCheckpoint,
  listCheckpoints,
  readPointer,
  Trainer,
  type Callback,
  type TrainerState,
} from "seedbed";

import { onExceptionCheckpoint } from "../../callbacks/onExceptionCheckpoint.ts";
import { resumableFit } from "../framework/training/resumableFit.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { toyLoader, toyModule } from "../support/toyTraining.ts";

/** Fails at a hook, once the step is reached and `when` holds. */
const failing = (
  hook: keyof Callback,
  step: number,
  when: (state: TrainerState) => boolean = () => true,
): Callback => ({
  name: "failing",
  [hook](state: TrainerState) {
    if (state.step >= step && when(state)) throw new Error("on purpose");
  },
});

describe("onExceptionCheckpoint()", () => {
  const folder = temporaryFolder();
  const root = (): string => folder.path("checkpoints");
  const fitWith = async (...callbacks: Callback[]): Promise<string> =>
    (await resumableFit(folder.path(), { callbacks: [onExceptionCheckpoint(), ...callbacks] }))
      .bytes;

  const failures: [title: string, failure: Callback, step: number][] = [
    ["between two epochs", failing("onTrainEpochStart", 8), 8],
    ["between two steps", failing("onTrainBatchStart", 7), 7],
    [
      "in the middle of an accumulation window",
      failing("onTrainBatchStart", 9, ({ batchIndex }) => batchIndex === 3),
      9,
    ],
    ["in a validation", failing("onValidationBatchEnd", 8), 8],
  ];
  for (const [title, failure, step] of failures) {
    it(`saves what a fit leaves that fails ${title}`, async () => {
      expect(await fitWith(failure).catch(String)).to.include("on purpose");
      expect(findLastCheckpoint(root())).to.equal(folder.path("checkpoints", "exception"));
      expect(readPointer(root(), "last")).to.deep.equal({ checkpoint: "exception", step });

      const bytes = await fitWith(); // resumes
      expect(listCheckpoints(root())).not.to.include("exception");
      expect(readPointer(root(), "last")?.checkpoint).to.equal("step-0000022");
      folder.clear();
      expect(await fitWith()).to.equal(bytes);
    });
  }

  const unusable: [title: string, failure: Callback][] = [
    ["in a step", failing("onTrainBatchEnd", 7)],
    ["before the first step", failing("onTrainBatchStart", 0)],
    ["when the weights have been replaced at its end", failing("onFitEnd", 0)],
  ];
  for (const [title, failure] of unusable) {
    it(`saves nothing when training fails ${title}`, async () => {
      expect(await fitWith(failure).catch(String)).to.include("on purpose");
      expect(listCheckpoints(root())).not.to.include("exception");
    });
  }

  it("saves nothing when the loss is not finite", async () => {
    const module = toyModule({ optimizer: { name: "sgd", learningRate: 1e30 } });
    const trainer = new Trainer({
      maxSteps: 9,
      checkpointsFolder: root(),
      callbacks: [onExceptionCheckpoint()],
      print: () => {},
    });
    const error = await trainer.fit(module, { trainLoader: toyLoader(3) }).catch(String);
    expect(error).to.include("expected a finite");
    expect(listCheckpoints(root())).to.deep.equal([]);
    module.dispose();
  });

  it("leaves interruptions to the Trainer", async () => {
    const controller = new AbortController();
    const aborting: Callback = {
      name: "aborting",
      onTrainBatchEnd: ({ step }) => void (step === 7 && controller.abort()),
    };
    const callbacks = [onExceptionCheckpoint(), aborting];
    const { signal } = controller;
    const error = await resumableFit(folder.path(), { callbacks, signal }).catch(String);
    expect(error).to.include("interrupted after step 7");
    expect(listCheckpoints(root())[0]).to.equal("step-0000007-interrupted");
  });

  it("leaves no pointer to the checkpoint it removes", async () => {
    const module = toyModule();
    const fit = async (...callbacks: Callback[]): Promise<unknown> => {
      const trainer = new Trainer({
        maxSteps: 3,
        checkpointsFolder: root(),
        callbacks: [onExceptionCheckpoint(), ...callbacks],
        print: () => {},
      });
      const resumeFrom = findLastCheckpoint(root());
      return trainer.fit(module, { trainLoader: toyLoader(3), resumeFrom });
    };
    await fit(failing("onTrainBatchStart", 2)).catch(String);
    expect(readPointer(root(), "last")?.checkpoint).to.equal("exception");
    await fit();
    expect([listCheckpoints(root()), readPointer(root(), "last")]).to.deep.equal([[], undefined]);
    module.dispose();
  });
});
