/** @file Statements about Lightning's Trainer that no other test has, each by its own words. */
import { readFileSync, writeFileSync } from "node:fs";

import { expect } from "chai";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { clipGradients } from "../../../framework/optim/clipping.ts";
import type { Callback } from "../../../framework/training/callback.ts";
import { Trainer, type TrainerOptions } from "../../../framework/training/trainer.ts";
import type { TrainingModule } from "../../../framework/training/trainingModule.ts";
import { at, fitToy, quiet, type ToyFit } from "../../support/fitToy.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import {
  recordingCallback,
  recordingLogger,
  toyLoader,
  toyModule,
} from "../../support/toyTraining.ts";

/** What a fit prints. */
async function linesOf(options: ToyFit): Promise<string> {
  const lines: string[] = [];
  await fitToy({ ...options, print: (line) => void lines.push(line) });
  return lines.join("\n");
}

describe("a Trainer", () => {
  it("is interrupted after a failure, and finished after a fit that succeeds", async () => {
    const module = toyModule();
    let fails = true;
    const failing = at("onTrainStart", () => {
      if (fails) throw new Error("on purpose");
    });
    const trainer = new Trainer({ ...quiet, maxSteps: 1, callbacks: [failing] });
    await trainer.fit(module, { trainLoader: toyLoader(1) }).catch(String);
    expect(trainer.status).to.equal("interrupted");
    fails = false;
    await trainer.fit(module, { trainLoader: toyLoader(1) });
    expect(trainer.status).to.equal("finished");
    module.dispose();
  });

  it("warns and skips validation without a validationStep, or without a loader", async () => {
    const overrides = Object.fromEntries([["validationStep", undefined]]);
    const withoutStep = await linesOf({ maxSteps: 1, validates: true, overrides });
    expect(withoutStep).to.equal("The module has no validationStep: validation is skipped");
    const withoutLoader = await linesOf({ maxSteps: 1 });
    expect(withoutLoader).to.equal("There is no validation loader: validation is skipped");
  });

  it("ends an epoch that maxSteps cuts short, 13 batches for 5 steps of windows of 3 in 7", async () => {
    const recorder = recordingCallback(["onTrainBatchEnd", "onTrainEpochEnd", "onValidationEnd"]);
    const result = await fitToy({
      maxSteps: 5,
      batches: 7,
      accumulateGradBatches: 3,
      validates: true,
      validateOnTrainEnd: false,
      callbacks: [recorder],
    });
    const { calls } = recorder;
    expect(calls.filter((call) => call.startsWith("onTrainBatchEnd"))).to.have.length(13);
    expect(calls.filter((call) => call.startsWith("onValidationEnd"))).to.deep.equal([
      "onValidationEnd@3",
    ]);
    expect(calls.at(-1)).to.equal("onTrainEpochEnd@5");
    expect(result).to.include({ step: 5, epochs: 2 });
  });

  const estimates: [options: TrainerOptions, steps: number][] = [
    [{ accumulateGradBatches: 3, maxEpochs: 3 }, 9],
    [{ accumulateGradBatches: 3, maxEpochs: 3, maxSteps: 4 }, 4],
    [{ maxEpochs: -1 }, Infinity],
  ];
  for (const [options, steps] of estimates) {
    it(`estimates ${steps} steps in epochs of 7 batches for ${JSON.stringify(options)}`, async () => {
      const seen: number[] = [];
      const looking = at("onTrainStart", (state) => {
        seen.push(state.estimatedSteps);
        state.shouldStop = true;
      });
      await fitToy({ batches: 7, callbacks: [looking], ...options });
      expect(seen).to.deep.equal([steps]);
    });
  }

  it("does not clip when gradientClipVal is null, 0 or less", async () => {
    const plain = await fitToy({ maxSteps: 2 });
    for (const gradientClipVal of [null, 0, -1]) {
      expect((await fitToy({ maxSteps: 2, gradientClipVal })).bytes).to.equal(plain.bytes);
    }
  });

  it("clips by norm or by value, and by nothing else", () => {
    const options = JSON.parse('{ "maxSteps": 1, "gradientClipAlgorithm": "median" }');
    expect(() => new Trainer(options)).to.throw(
      'gradientClipAlgorithm must be "norm" or "value", got median',
    );
  });

  it("lets a module clip in its place, also when gradientClipVal is not set", async () => {
    const seen: unknown[] = [];
    const overrides: Partial<TrainingModule> = {
      configureGradientClipping(gradients, scale, settings) {
        seen.push(settings);
        const [first] = gradients;
        const clipped = clipGradients(new Map([first!]), scale, 0.1, "norm");
        return { ...clipped, gradients: new Map([...gradients, ...clipped.gradients]) };
      },
    };
    const own = await fitToy({ maxSteps: 1, overrides });
    const whole = await fitToy({ maxSteps: 1 });
    expect(seen).to.deep.equal([{ gradientClipVal: undefined, gradientClipAlgorithm: "norm" }]);
    expect(own.metrics["train/gradientNorm"]).to.be.below(whole.metrics["train/gradientNorm"]!);
    await fitToy({ maxSteps: 1, overrides, gradientClipVal: 2, gradientClipAlgorithm: "value" });
    expect(seen[1]).to.deep.equal({ gradientClipVal: 2, gradientClipAlgorithm: "value" });
  });

  it("has a module's callbacks beside its own, in the place of those of the same name", async () => {
    const calls: string[] = [];
    const callback = (name: string, owner: string, kind?: Callback["kind"]): Callback => ({
      name,
      ...(kind && { kind }),
      onTrainStart: () => void calls.push(`${owner}'s ${name}`),
    });
    const options: ToyFit = {
      maxSteps: 1,
      callbacks: [callback("a", "Trainer"), callback("b", "Trainer", "monitor")],
      overrides: {
        configureCallbacks: () => [callback("c", "module"), callback("b", "module", "monitor")],
      },
    };
    await fitToy(options);
    expect(calls).to.deep.equal(["Trainer's a", "module's c", "module's b"]);
    calls.length = 0;
    await fitToy({ ...options, fastDevRun: true });
    expect(calls).to.deep.equal(["Trainer's a", "module's c"]);
  });

  it("refuses a part of a loader that leaves no batch, and says the least that does", async () => {
    const error = await fitToy({ maxEpochs: 1, limitTrainBatches: 0.1 }).catch(String);
    expect(error).to.include("expected at least one of 4 batches, which needs 0.25 or more");
  });

  it("asks no validation loader for a batch when its limit is 0, and checks no interval", async () => {
    const module = toyModule();
    const valLoader = { length: 3, batch: () => Promise.reject(new Error("asked")) };
    const options = { limitValBatches: 0, valCheckInterval: 99, numSanityValSteps: -1 };
    const trainer = new Trainer({ ...quiet, ...options, maxEpochs: 1 });
    expect(await trainer.fit(module, { trainLoader: toyLoader(2), valLoader })).to.include({
      step: 2,
    });
    module.dispose();
  });

  it("trains the same after a sanity check", async () => {
    const options = { maxSteps: 3, validates: true, module: { noise: 0.5 } };
    const without = await fitToy(options);
    const checked = await fitToy({ ...options, numSanityValSteps: -1 });
    expect(checked.bytes).to.equal(without.bytes);
  });
});

describe("a validation", () => {
  it("has its means as metrics at onValidationEnd, not yet at onValidationEpochEnd", async () => {
    const seen: boolean[] = [];
    const look: Callback["onValidationEnd"] = ({ metrics }) =>
      void seen.push("val/loss" in metrics);
    const looking: Callback = { name: "l", onValidationEpochEnd: look, onValidationEnd: look };
    await fitToy({ maxSteps: 1, validates: true, callbacks: [looking] });
    expect(seen).to.deep.equal([false, true]);
  });

  it("logs a row for each batch of what is logged with onStep, whatever logEveryNSteps says", async () => {
    const logger = recordingLogger();
    await fitToy({
      maxSteps: 1,
      validates: true,
      logEveryNSteps: 0,
      loggers: [logger],
      overrides: {
        validationStep(_batch, { log }) {
          log("val/each", 7, { onStep: true, onEpoch: false });
          return {};
        },
      },
    });
    expect(logger.rows.map(({ metrics }) => metrics)).to.deep.equal([
      { "val/each": 7 },
      { "val/each": 7 },
      { "val/each": 7 },
    ]);
  });

  it("weights the values of an epoch by the batchSize they are logged with", async () => {
    const toy = toyModule();
    const module: TrainingModule = {
      ...toy,
      validationStep({ v }, { log }) {
        log("bySamples", v!.mean());
        log("byBatches", v!.mean(), { batchSize: 1 });
        return {};
      },
    };
    const valLoader = {
      length: 2,
      batch: async (_epoch: number, index: number) => ({
        v: hostTensor(index === 0 ? Float32Array.of(1, 1, 1) : Float32Array.of(2), [3 - 2 * index]),
      }),
    };
    const [means] = await new Trainer({ ...quiet, maxSteps: 1 }).validate(module, valLoader);
    expect(means).to.deep.equal({ bySamples: 1.25, byBatches: 1.5 });
    toy.dispose();
  });
});

describe("a resumed fit", () => {
  const folder = temporaryFolder();
  const save = (options: ToyFit) =>
    fitToy({ checkpointsFolder: folder.path(), callbacks: [modelCheckpoint()], ...options });

  async function resume(checkpoint: string, options: TrainerOptions): Promise<string> {
    const module = toyModule();
    const lines: string[] = [];
    const trainer = new Trainer({ ...quiet, print: (line) => void lines.push(line), ...options });
    const data = { trainLoader: toyLoader(4), resumeFrom: folder.path(checkpoint) };
    await trainer.fit(module, data).catch((error: unknown) => lines.push(String(error)));
    module.dispose();
    return lines.join("\n");
  }

  it("finds the last checkpoint by itself, or begins", async () => {
    const module = toyModule();
    const lines: string[] = [];
    const trainer = (maxSteps: number) =>
      new Trainer({
        ...quiet,
        maxSteps,
        checkpointsFolder: folder.path(),
        callbacks: [modelCheckpoint()],
        print: (line) => void lines.push(line),
      });
    const data = { trainLoader: toyLoader(4), resumeFrom: "last" };
    expect((await trainer(2).fit(module, data)).step).to.equal(2);
    expect(lines.join("\n")).to.include("There is no last checkpoint to resume from");
    const starts: number[] = [];
    const spying = {
      ...module,
      onFitStart: ({ step }: { step: number }) => void starts.push(step),
    };
    await trainer(3).fit(spying, data);
    expect(starts).to.deep.equal([2]);
    module.dispose();
  });

  it("does not start an epoch again that it resumes in, but the next one", async () => {
    await save({ maxSteps: 2 });
    const recorder = recordingCallback(["onTrainEpochStart", "onTrainBatchEnd"]);
    await resume("step-0000002", { maxSteps: 5, callbacks: [recorder] });
    expect(recorder.calls).to.deep.equal([
      "onTrainBatchEnd@3",
      "onTrainBatchEnd@4",
      "onTrainEpochStart@4",
      "onTrainBatchEnd@5",
    ]);
  });

  it("of as many epochs as there are calls no training hook", async () => {
    await save({ maxEpochs: 1 });
    const recorder = recordingCallback(["onFitStart", "onTrainStart", "onTrainEnd", "onFitEnd"]);
    await resume("step-0000004", { maxEpochs: 1, callbacks: [recorder] });
    expect(recorder.calls).to.deep.equal(["onFitStart@4", "onFitEnd@4"]);
  });

  it("of fewer epochs than there are is an error that names both", async () => {
    await save({ maxEpochs: 2 });
    expect(await resume("step-0000008", { maxEpochs: 1 })).to.include(
      "it has 2 epochs, more than maxEpochs 1",
    );
  });

  it("warns of state that no callback takes, and of what has changed", async () => {
    await save({ maxSteps: 1 });
    const printed = await resume("step-0000001", { maxSteps: 2, seed: 7 });
    expect(printed).to.include('The checkpoint has state of "modelCheckpoint(');
    expect(printed).to.include("seed is 7, but was 0 before resuming");
    expect(printed).not.to.include("node is");
  });

  it("warns where it begins beside checkpoints that it does not go on from", async () => {
    const linesWith = async (resumeFrom?: "last") => {
      const [module, lines]: [ReturnType<typeof toyModule>, string[]] = [toyModule(), []];
      const print = (line: string): void => void lines.push(line);
      const trainer = new Trainer({
        ...quiet,
        maxSteps: 2,
        checkpointsFolder: folder.path(),
        print,
      });
      await trainer.fit(module, { trainLoader: toyLoader(4), resumeFrom });
      module.dispose();
      return lines.join("\n");
    };
    expect(await linesWith()).not.to.include("of another fit");
    await save({ maxSteps: 1 });
    expect(await linesWith()).to.include("of another fit, the newest step-0000001");
    expect(await linesWith("last")).not.to.include("of another fit");
  });

  it("says what was asked for, and which versions did it; warns of others", async () => {
    await save({ maxSteps: 1, spec: { optimizer: { name: "adamW" } } });
    const file = folder.path("step-0000001", "trainer.json");
    const content: { versions: Record<string, string> } = JSON.parse(readFileSync(file, "utf8"));
    expect(content).to.deep.include({ spec: { optimizer: { name: "adamW" } } });
    expect(content.versions).to.have.all.keys(
      ...["node", "seedbed", "@tensorflow/tfjs", "onnxruntime-node"],
    );
    writeFileSync(file, JSON.stringify({ ...content, versions: { node: "18.0.0" } }));
    expect(await resume("step-0000001", { maxSteps: 2 })).to.include(
      `node is ${process.versions.node}, but was 18.0.0 before resuming`,
    );
  });
});
