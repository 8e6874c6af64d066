import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { earlyStopping } from "../../../callbacks/earlyStopping.ts";
import { onExceptionCheckpoint } from "../../../callbacks/onExceptionCheckpoint.ts";
import { useBackend } from "../../../framework/backend/register.ts";
import { runEagerly, type Compile } from "../../../framework/base/compile.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { createOptimizer } from "../../../framework/optim/optimizers/index.ts";
import type { Callback } from "../../../framework/training/callback.ts";
import { findLastCheckpoint } from "../../../framework/training/checkpointFolder.ts";
import { Trainer, type TrainerOptions } from "../../../framework/training/trainer.ts";
import type { TrainingModule } from "../../../framework/training/trainingModule.ts";
import { at, quiet } from "../../support/fitToy.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import {
  parameterBytes,
  recordingLogger,
  toyLoader,
  toyModule,
  type ToyOptions,
} from "../../support/toyTraining.ts";

/** Throws when a hook is called for the n-th time. */
function failing(hook: keyof Callback, n: number, kind?: Callback["kind"]): Callback {
  let calls = 0;
  const fail = (): void => {
    if (++calls === n) throw new Error("on purpose");
  };
  return { name: "failing", ...(kind && { kind }), [hook]: fail };
}

/** Fails at the n-th call without calling the function, as a device may. */
function failingAt(n: number): Compile {
  let calls = 0;
  return (fn) => {
    const run = runEagerly(fn);
    const failing = async (inputs: Parameters<typeof fn>[0]) => {
      if (++calls === n) throw new Error("on purpose");
      return run(inputs);
    };
    return Object.assign(failing, { dispose() {} });
  };
}

describe("a fit that is resumed after a failure", () => {
  const folder = temporaryFolder();

  /** Epochs of four batches; resumes from what is there. */
  async function fit({
    toy = {},
    overrides = () => ({}),
    into = "a",
    callbacks = [],
    ...options
  }: TrainerOptions & {
    toy?: ToyOptions;
    overrides?: (toy: TrainingModule) => Partial<TrainingModule>;
    into?: string;
  }) {
    const module = toyModule({ noise: 0.3, ...toy });
    const checkpointsFolder = folder.path(into);
    const trainer = new Trainer({
      ...quiet,
      checkpointsFolder,
      callbacks: [onExceptionCheckpoint(), ...callbacks],
      ...options,
    });
    try {
      const result = await trainer.fit(
        { ...module, ...overrides(module) },
        {
          trainLoader: toyLoader(4),
          valLoader: toyLoader(1),
          resumeFrom: findLastCheckpoint(checkpointsFolder),
        },
      );
      return { ...result, bytes: await parameterBytes(module) };
    } finally {
      module.dispose();
    }
  }

  for (const [hook, options] of [
    ["onTrainEpochEnd", {}],
    ["onValidationEnd", { valCheckInterval: 4 }],
  ] as const) {
    it(`counts no check twice, though ${hook} is run again`, async () => {
      const still = { optimizer: { name: "sgd", learningRate: 0 } }; // no check is an improvement
      const stopping = () => earlyStopping({ monitor: "val/loss", patience: 3 });
      const fitStopping = (...others: Callback[]) =>
        fit({ ...options, maxEpochs: 9, toy: still, callbacks: [stopping(), ...others] });
      const error = await fitStopping(failing(hook, 3, "checkpoint")).catch(String);
      expect(error).to.include("on purpose");
      expect(await fitStopping()).to.include({ step: 16, stopReason: "stopRequested" });
    });
  }

  it("counts no batch of an unfinished window twice in the epoch's means", async () => {
    const options = {
      maxEpochs: 1,
      accumulateGradBatches: 2,
      overrides: (toy: TrainingModule): Partial<TrainingModule> => ({
        trainingStep(batch, context) {
          const output = toy.trainingStep(batch, context);
          context.log("epochLoss", output.loss, { onStep: false, onEpoch: true });
          return output;
        },
      }),
    };
    const whole = await fit({ ...options, into: "whole" });
    const failed = fit({ ...options, callbacks: [failing("onTrainBatchStart", 4)] });
    expect(await failed.catch(String)).to.include("on purpose");
    expect(await fit(options)).to.deep.equal(whole);
  });

  it("has the accumulateGradBatches of its last step, though the next epoch has begun", async () => {
    const growing = at("onTrainEpochStart", (state) => state.accumulateGradBatches++);
    const options = { maxEpochs: 2, accumulateGradBatches: 1 };
    const whole = await fit({ ...options, callbacks: [growing], into: "whole" });
    expect(whole.step).to.equal(2 + 2); // windows of 2, then of 3
    const failed = fit({ ...options, callbacks: [growing, failing("onTrainBatchStart", 6)] });
    expect(await failed.catch(String)).to.include("on purpose");
    expect(await fit({ ...options, callbacks: [growing] })).to.deep.equal(whole);
  });

  it("goes on from the last step when trainingStep failed", async () => {
    const whole = await fit({ maxSteps: 6, into: "whole" });
    let steps = 0;
    const overrides = (toy: TrainingModule): Partial<TrainingModule> => ({
      trainingStep(batch, context) {
        if (++steps === 4) throw new Error("on purpose");
        return toy.trainingStep(batch, context);
      },
    });
    expect(await fit({ maxSteps: 6, overrides }).catch(String)).to.include("on purpose");
    expect(findLastCheckpoint(folder.path("a"))).to.equal(folder.path("a", "exception"));
    expect(await fit({ maxSteps: 6, overrides })).to.deep.equal(whole);
    expect(steps).to.equal(3 + 1 + 3);
  });

  it("goes on from the last step when a compiled step failed before its update", async () => {
    const { compile } = await useBackend("ort", { threads: 2 });
    const ones = tf.tensor([1, 1]);
    /** An index of batch 4 that is out of bounds makes ONNX Runtime fail in the loss. */
    const overrides =
      (index: number) =>
      (toy: TrainingModule): Partial<TrainingModule> => {
        let batches = 0;
        return {
          prepareBatch(batch, _random, stage) {
            const at = stage === "train" && ++batches === 4 ? index : 0;
            return { ...batch, at: hostTensor(Int32Array.of(at, at), [2]) };
          },
          trainingStep({ at, ...batch }, context) {
            const { loss } = toy.trainingStep(batch, context);
            return { loss: loss.mul(tf.gather(ones, at!.toInt()).mean()).asScalar() };
          },
        };
      };
    const options = { maxSteps: 6, compile };
    const whole = await fit({ ...options, overrides: overrides(0), into: "whole" });
    const failed = fit({ ...options, overrides: overrides(9) });
    expect(await failed.catch(String)).to.include("out of data bounds");
    expect(findLastCheckpoint(folder.path("a"))).to.equal(folder.path("a", "exception"));
    expect(await fit({ ...options, overrides: overrides(0) })).to.deep.equal(whole);
    ones.dispose();
    await tf.setBackend("cpu");
  });

  describe("in a window whose batches change other state", () => {
    const made: tf.Variable[] = [];
    let ones: tf.Tensor1D;
    before(() => void (ones = tf.tensor1d([1, 1])));
    after(() => ones.dispose());
    afterEach(() => tf.dispose(made.splice(0)));

    /** Lowers losses by their running mean; the n-th batch has an index that is out of bounds. */
    const withMean =
      (broken = 0) =>
      (toy: TrainingModule): Partial<TrainingModule> => {
        const mean = tf.tidy(() => tf.variable(tf.scalar(0), false));
        made.push(mean);
        let batches = 0;
        return {
          otherState: () => new Map([["mean", mean]]),
          prepareBatch: async (batch, random, stage) => ({
            ...(await toy.prepareBatch!(batch, random, stage)),
            at: hostTensor(Int32Array.of(stage === "train" && ++batches === broken ? 9 : 0), [1]),
          }),
          trainingStep({ at, ...batch }, context) {
            const { loss } = toy.trainingStep(batch, context);
            const scaled = loss.mul(mean.add(1)).mul(tf.gather(ones, at!.toInt()).mean());
            mean.assign(mean.mul(0.5).add(loss.mul(0.5)).asScalar());
            return { loss: scaled.asScalar() };
          },
        };
      };

    for (const backend of ["cpu", "ort"] as const) {
      const failures: [title: string, broken: number, callbacks: () => Callback[]][] = [
        ["between two batches", 0, () => [failing("onTrainBatchStart", 4)]],
        ["after a batch", 0, () => [failing("onTrainBatchEnd", 3)]],
        ...(backend === "ort"
          ? [
              ["in its first batch", 3, () => []] as [string, number, () => Callback[]],
              ["in its last batch", 4, () => []] as [string, number, () => Callback[]],
            ]
          : []),
      ];
      for (const [title, broken, callbacks] of failures) {
        it(`begins the window again, failed ${title} on ${backend}`, async () => {
          const { compile } = await useBackend(backend, { threads: 2 });
          const options = { maxSteps: 4, accumulateGradBatches: 2, compile };
          const whole = await fit({ ...options, overrides: withMean(), into: "whole" });
          const overrides = withMean(broken);
          const failed = fit({ ...options, overrides, callbacks: callbacks() });
          expect(await failed.catch(String)).to.match(/on purpose|out of data bounds/);
          expect(findLastCheckpoint(folder.path("a"))).to.equal(folder.path("a", "exception"));
          expect(await fit({ ...options, overrides: withMean() })).to.deep.equal(whole);
          await tf.setBackend("cpu");
        });
      }
    }

    it("keeps it also where a hook has cut the window short", async () => {
      const cutting = (): Callback => ({
        name: "cutting",
        onTrainBatchStart: ({ epoch, batchIndex }) =>
          epoch === 0 && batchIndex === 3 ? -1 : undefined,
      });
      const options = { maxSteps: 4, accumulateGradBatches: 2 };
      const whole = await fit({
        ...options,
        overrides: withMean(),
        callbacks: [cutting()],
        into: "whole",
      });
      const callbacks = [cutting(), failing("onTrainBatchStart", 6)];
      const failed = fit({ ...options, overrides: withMean(), callbacks });
      expect(await failed.catch(String)).to.include("on purpose");
      const resumed = await fit({ ...options, overrides: withMean(), callbacks: [cutting()] });
      expect(resumed).to.deep.equal(whole);
    });
  });

  describe("after a hook has cut an epoch short", () => {
    /** Leaves out epoch 0 from its third batch on. */
    const cutting = (): Callback => ({
      name: "cutting",
      onTrainBatchStart: ({ epoch, batchIndex }) =>
        epoch === 0 && batchIndex === 2 ? -1 : undefined,
    });

    /** Writes down which epochs end, and counts them in its state. */
    function ends(into: string[]): Callback {
      let count = 0;
      return {
        name: "ends",
        stateKey: "ends",
        onTrainEpochEnd: ({ epoch }) => void into.push(`${epoch}: ${++count}`),
        stateDict: () => ({ count }),
        loadStateDict: (state) => void (count = Number(state["count"])),
      };
    }

    /** Fits to the failure that a callback makes, and from there; gives which epochs ended. */
    async function endsOf(
      failing: Callback,
      { signal, ...options }: Parameters<typeof fit>[0] = {},
      more: () => Callback[] = () => [],
    ): Promise<string[]> {
      const all = { maxEpochs: 3, ...options };
      const callbacks = (): Callback[] => [cutting(), ...more()];
      const whole = await fit({ ...all, callbacks: callbacks(), into: "whole" });
      const ended: string[] = [];
      const failed = fit({ ...all, signal, callbacks: [ends(ended), ...callbacks(), failing] });
      expect(await failed.catch(String)).to.match(/on purpose|was interrupted/);
      expect(await fit({ ...all, callbacks: [ends(ended), ...callbacks()] })).to.deep.equal(whole);
      return ended;
    }
    const once = ["0: 1", "1: 2", "2: 3"];

    it("ends that epoch once, though the next one fails", async () => {
      expect(await endsOf(failing("onTrainEpochStart", 2))).to.deep.equal(once);
      folder.clear();
      expect(await endsOf(failing("onTrainBatchStart", 4))).to.deep.equal(once);
    });

    it("ends it once, though an interruption follows", async () => {
      const interrupt = new AbortController();
      const { signal } = interrupt;
      const aborting = at("onTrainEpochEnd", ({ epoch }) => epoch === 0 && interrupt.abort());
      expect(await endsOf(aborting, { signal })).to.deep.equal(once);
    });

    it("ends it once, though it was interrupted after a checkpoint of its last step", async () => {
      const interrupt = new AbortController();
      const { signal } = interrupt;
      const aborting = at("onTrainEpochEnd", ({ epoch }) => epoch === 0 && interrupt.abort());
      const saving = () => [at("onTrainBatchEnd", (state) => state.saveCheckpoint())];
      expect(await endsOf(aborting, { signal }, saving)).to.deep.equal(once);
    });

    it("counts it once, though its hooks failed and are run again", async () => {
      const overrides = (): Partial<TrainingModule> => ({
        configureOptimizers: () => ({
          optimizer: createOptimizer({ name: "adamW", learningRate: 0.01 }),
          lrSchedule: { schedule: (epochs) => 0.5 ** epochs, interval: "epoch" },
        }),
      });
      const late = failing("onTrainEpochEnd", 1, "checkpoint");
      expect(await endsOf(late, { overrides })).to.deep.equal(["0: 1", ...once]);
    });

    it("goes on with the accumulateGradBatches of that epoch", async () => {
      const growing = () => [at("onTrainEpochStart", (state) => state.accumulateGradBatches++)];
      const ended = await endsOf(failing("onTrainBatchStart", 4), { maxEpochs: 3 }, growing);
      expect(ended).to.deep.equal(once);
    });

    /** What a whole fit does at which steps, and what one does that fails and is resumed. */
    const halves = (
      steps: readonly number[],
    ): [whole: readonly number[], parts: readonly number[]] => [
      steps.slice(0, steps.length / 2),
      steps.slice(steps.length / 2),
    ];

    it("does at the next step what was due by the epoch's end", async () => {
      const due: number[] = [];
      const looking = at("onTrainBatchEnd", (state) => {
        if (state.isDue({ count: 1, unit: "epochs" })) due.push(state.step);
      });
      await endsOf(failing("onTrainBatchStart", 4), {}, () => [looking]);
      const [whole, parts] = halves(due);
      expect(parts).to.deep.equal(whole);
      expect(whole).to.include(3); // the first of epoch 1
    });

    it("logs at the next step what was to be logged by the epoch's end", async () => {
      const logger = recordingLogger();
      const options = { loggers: [logger], logEveryNSteps: "1 epochs" };
      await endsOf(failing("onTrainBatchStart", 4), options);
      const rows = logger.rows.filter(({ metrics }) => "train/loss" in metrics);
      const [whole, parts] = halves(rows.map(({ step }) => step));
      expect(parts).to.deep.equal(whole);
      expect(whole).to.include(3);
    });
  });

  const unsaved: [title: string, options: Parameters<typeof fit>[0]][] = [
    ["the loss was not finite", { toy: { optimizer: { name: "sgd", learningRate: 1e30 } } }],
    [
      "a step failed that was compiled before, and nobody knows when in it",
      { compile: failingAt(3) },
    ],
    ["onTrainBatchEnd failed", { callbacks: [failing("onTrainBatchEnd", 3)] }],
    [
      "a step failed that may have changed other state",
      {
        overrides: (toy) => ({
          otherState: () => new Map([["mean", counter]]),
          trainingStep(batch, context) {
            counter.assign(counter.add(1));
            if (++counted === 3) throw new Error("on purpose");
            return toy.trainingStep(batch, context);
          },
        }),
      },
    ],
  ];
  let counter: tf.Variable;
  let counted = 0;
  before(() => {
    counter = tf.tidy(() => tf.variable(tf.scalar(0), false));
  });
  after(() => counter.dispose());
  for (const [title, options] of unsaved) {
    it(`finds nothing saved, which the failed one said, when ${title}`, async () => {
      const lines: string[] = [];
      const print = (line: string): void => void lines.push(line);
      const error = await fit({ maxSteps: 9, print, ...options }).catch(String);
      expect(error).to.match(/on purpose|expected a finite/);
      expect(findLastCheckpoint(folder.path("a"))).to.equal(undefined);
      expect(lines.join("\n")).to.include("No checkpoint is saved after the exception: it came in");
    });
  }
});
