import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import {
  createOptimizer,
  findLastCheckpoint,
  Trainer,
  type Callback,
  type TrainerOptions,
  type TrainingModule,
} from "seedbed";

import { modelCheckpoint } from "../../callbacks/modelCheckpoint.ts";
import { pruning, type PruningOptions } from "../../callbacks/pruning.ts";
import { stochasticWeightAveraging } from "../../callbacks/stochasticWeightAveraging.ts";
import { weightAveraging } from "../../callbacks/weightAveraging.ts";
import { quiet } from "../support/fitToy.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { parameterBytes, recordingLogger, toyLoader, toyModule } from "../support/toyTraining.ts";

const initial = {
  a: [
    [0.5, -0.1, 0.3],
    [-0.7, 0.05, 0.9],
  ],
  b: [
    [0.02, -0.6],
    [0.4, -0.04],
  ],
  bias: [0.01, 0.02],
};

/** Three parameters whose gradient is 1 everywhere. */
function slopes(): TrainingModule & { dispose(): void } {
  const parameters = new Map(
    Object.entries(initial).map(([name, values]) => [
      name,
      tf.tidy(() => tf.variable(tf.tensor(values))),
    ]),
  );
  const optimizer = { name: "sgd", learningRate: 0.25 };
  return {
    trainableParameters: () => parameters,
    configureOptimizers: () => ({
      optimizer: createOptimizer(optimizer),
    }),
    trainingStep: () => ({
      loss: tf.addN([...parameters.values()].map((each) => each.sum<tf.Scalar>())),
    }),
    dispose: () => tf.dispose([...parameters.values()]),
  };
}

/** Fits so many steps of `slopes` and gives the weights at the end. */
async function pruned(
  options: Partial<PruningOptions>,
  maxSteps: number,
  extra: TrainerOptions = {},
): Promise<Record<string, number[]>> {
  const module = slopes();
  const { callbacks = [], ...others } = extra;
  const trainer = new Trainer({
    maxSteps,
    callbacks: [pruning(options), ...callbacks],
    print: () => {},
    ...others,
  });
  try {
    await trainer.fit(module, { trainLoader: toyLoader(50) });
    const entries = [...module.trainableParameters()].map(([name, variable]) => [
      name,
      [...variable.dataSync()].map((value) => (value === 0 ? 0 : value)),
    ]);
    return Object.fromEntries(entries);
  } finally {
    module.dispose();
  }
}

const maskOf = (weights: number[] | undefined): number[] =>
  (weights ?? []).map((weight) => (weight === 0 ? 0 : 1));

describe("pruning()", () => {
  it("refuses to be listed after what averages, which would average weights not yet pruned", () => {
    const averaging = [weightAveraging(), stochasticWeightAveraging({ swaLrs: 1 })];
    for (const callback of averaging) {
      const build = (callbacks: readonly Callback[]) =>
        new Trainer({ ...quiet, maxSteps: 1, callbacks });
      expect(() => build([callback, pruning({ amount: 0.5 })])).to.throw(
        `Cannot use callback "pruning" after "${callback.name}"`,
      );
      build([pruning({ amount: 0.5 }), callback]);
    }
  });

  const folder = temporaryFolder();

  // Masks of torch.nn.utils.prune: global_unstructured and l1_unstructured of PyTorch 2.13.
  const table: [options: Partial<PruningOptions>, a: number[], b: number[]][] = [
    [{ amount: 0.5 }, [1, 0, 0, 1, 0, 1], [0, 1, 1, 0]],
    [{ amount: 0.3 }, [1, 1, 1, 1, 0, 1], [0, 1, 1, 0]],
    [{ amount: 0.5, scope: "layer" }, [1, 0, 0, 1, 0, 1], [0, 1, 1, 0]],
    [{ amount: 0.3, scope: "layer" }, [1, 0, 1, 1, 0, 1], [0, 1, 1, 1]],
    [{ amount: 0.5, parameters: "^b$" }, [1, 1, 1, 1, 1, 1], [0, 1, 1, 0]],
  ];
  for (const [options, a, b] of table) {
    it(`prunes the smallest weights with ${JSON.stringify(options)}`, async () => {
      const weights = await pruned(options, 0);
      expect([maskOf(weights["a"]), maskOf(weights["b"])]).to.deep.equal([a, b]);
      expect(maskOf(weights["bias"])).to.deep.equal([1, 1]);
    });
  }

  it("keeps them at zero while the others are trained", async () => {
    const weights = await pruned({ amount: 0.5, parameters: "^b$" }, 3);
    expect(weights["b"]![0]).to.equal(0);
    expect(weights["b"]![1]).to.be.closeTo(-0.6 - 3 * 0.25, 1e-6);
    expect(weights["b"]![2]).to.be.closeTo(0.4 - 3 * 0.25, 1e-6);
    expect(weights["b"]![3]).to.equal(0);
    expect(weights["a"]![0]).to.be.closeTo(0.5 - 3 * 0.25, 1e-6);
  });

  it("prunes after the step it is told, by the weights of then", async () => {
    // b is [-0.48, -1.1, -0.1, -0.54] after two steps
    const options = { amount: 0.5, parameters: "^b$", startStep: 2 };
    expect(maskOf((await pruned(options, 1))["b"])).to.deep.equal([1, 1, 1, 1]);
    expect(maskOf((await pruned(options, 3))["b"])).to.deep.equal([0, 1, 0, 1]);
  });

  for (const accumulateGradBatches of [1, 3]) {
    it(`follows a cubic schedule of steps of ${accumulateGradBatches} batches`, async () => {
      const logger = recordingLogger();
      const schedule = { amount: 0.8, startStep: 2, endStep: 9, everyNSteps: 2 };
      await pruned(schedule, 12, { loggers: [logger], logEveryNSteps: 1, accumulateGradBatches });
      const rows = logger.rows
        .filter(({ metrics }) => "pruning/sparsity" in metrics)
        .map(({ step, metrics }) => [step, metrics["pruning/sparsity"]]);
      expect(rows).to.deep.equal([
        [2, 0], // of ten weights:
        [4, 0.5], // 0.8 - 0.8 * (5 / 7) ** 3 = 0.508
        [6, 0.7], // 0.8 - 0.8 * (3 / 7) ** 3 = 0.737
        [8, 0.8], // 0.8 - 0.8 * (1 / 7) ** 3 = 0.798
        [9, 0.8],
      ]);
    });
  }

  it("may begin the schedule with a share", async () => {
    const weights = await pruned({ amount: 0.8, initialAmount: 0.5, endStep: 9 }, 1);
    expect(
      maskOf([...weights["a"]!, ...weights["b"]!]).filter((kept) => kept === 0),
    ).to.have.length(5);
  });

  it("leaves zeros also in averaged weights, if that is wanted", async () => {
    const callbacks = [weightAveraging({ decay: 0.5 })];
    const options = { amount: 0.5, startStep: 1, parameters: "^b$" };
    const permanent = await pruned(options, 3, { callbacks });
    expect(maskOf(permanent["b"])).to.deep.equal([0, 1, 0, 1]);
    const averaged = await pruned({ ...options, makePermanent: false }, 3, { callbacks });
    expect(maskOf(averaged["b"])).to.deep.equal([1, 1, 1, 1]);
  });

  it("goes on as if there had been no interruption", async () => {
    async function fit(options: TrainerOptions, resumeFrom?: string): Promise<string> {
      const module = toyModule();
      const trainer = new Trainer({
        maxSteps: 12,
        accumulateGradBatches: 2,
        checkpointsFolder: folder.path("checkpoints"),
        callbacks: [
          pruning({ amount: 0.6, startStep: 2, endStep: 8, everyNSteps: 2 }),
          weightAveraging({ decay: 0.9 }),
          modelCheckpoint(),
        ],
        print: () => {},
        ...options,
      });
      await trainer.fit(module, { trainLoader: toyLoader(7), resumeFrom });
      const bytes = await parameterBytes(module);
      module.dispose();
      return bytes;
    }
    const whole = await fit({});
    for (const maxSteps of [1, 2, 5, 9]) {
      folder.clear();
      await fit({ maxSteps });
      const resumeFrom = findLastCheckpoint(folder.path("checkpoints"));
      expect(await fit({}, resumeFrom), `${maxSteps}`).to.equal(whole);
    }
  });

  it("refuses what cannot be", async () => {
    const error = await pruned({ amount: 0.5, parameters: "kernel" }, 1).catch(String);
    expect(error).to.include(
      "Cannot prune: expected parameters matching /kernel/, got only a, b, bias",
    );
    expect(() => pruning({ amount: 1 })).to.throw("amount must be < 1, got 1");
    expect(() => pruning({ amount: 0.5, startStep: 5, endStep: 5 })).to.throw(
      "expected endStep after startStep 5, got 5",
    );
    expect(() => pruning({ amount: 0.5, initialAmount: 0.2 })).to.throw("and an endStep, got 0.2");
  });
});
