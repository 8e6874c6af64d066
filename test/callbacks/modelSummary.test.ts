import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { createOptimizer, Trainer, type ManualTrainingModule, type TrainingModule } from "seedbed";

import { modelSummary } from "../../callbacks/modelSummary.ts";
import { parameterBytes, toyLoader, toyModule } from "../support/toyTraining.ts";

/** The lines printed for a fit of one step, and the weights after it. */
async function summary(
  maxDepth: number,
  change: (module: TrainingModule) => TrainingModule = (module) => module,
): Promise<{ lines: string[]; bytes: string }> {
  const lines: string[] = [];
  const module = toyModule();
  const trainer = new Trainer({
    maxSteps: 1,
    callbacks: [modelSummary({ maxDepth })],
    print: (line) => lines.push(line),
  });
  await trainer.fit(change(module), { trainLoader: toyLoader(1), valLoader: toyLoader(1) });
  const bytes = await parameterBytes(module);
  module.dispose();
  return { lines, bytes };
}

describe("modelSummary()", () => {
  it("prints the layers and the operations of a batch", async () => {
    // 2 samples: products [2, 3] x [3, 4] and [2, 4] x [4, 1], for the loss and for the error;
    // backward, from the loss alone, two for the second and one for the first
    const forward = 2 * (2 * 2 * 3 * 4 + 2 * 2 * 4 * 1);
    const backward = 2 * 2 * 3 * 4 + 2 * (2 * 2 * 4 * 1);
    expect((await summary(1)).lines).to.deep.equal([
      "layer   shape         parameters  state         MB",
      "hidden  [3, 4] + [4]          16  trainable  0.000",
      "output  [4, 1] + [1]           5  trainable  0.000",
      "total   4 tensors             21  trainable  0.000",
      `FLOPs for a batch, of matrix products and convolutions: ${forward} forward, ${backward} backward`,
    ]);
  });

  it("counts the operations of a module that steps its optimizers itself", async () => {
    const toy = toyModule();
    const lines: string[] = [];
    const module: ManualTrainingModule = {
      trainableParameters: () => toy.trainableParameters(),
      configureOptimizers: () => {
        const own = (layer: string) =>
          new Map([...toy.trainableParameters()].filter(([name]) => name.startsWith(layer)));
        return ["hidden", "output"].map((name) => ({
          name,
          optimizer: createOptimizer({ name: "sgd" }),
          parameters: own(name),
        }));
      },
      manualTrainingStep(batch, { optimizers, ...context }) {
        for (const each of optimizers) {
          each.minimize(() => toy.trainingStep(batch, context).loss);
        }
        return {};
      },
    };
    const callbacks = [modelSummary()];
    const trainer = new Trainer({ maxSteps: 2, callbacks, print: (line) => lines.push(line) });
    await trainer.fit(module, { trainLoader: toyLoader(1) });
    toy.dispose();
    // The products of the test above: the loss is computed twice; backward, each optimizer needs
    // what leads to its own layer alone, and hidden's gradient passes through output's.
    const forward = 2 * (2 * (2 * 2 * 3 * 4 + 2 * 2 * 4 * 1));
    const backward = 2 * 2 * 3 * 4 + 2 * 2 * 4 * 1 + 2 * 2 * 4 * 1;
    expect(lines).to.include(
      `FLOPs for a batch, of matrix products and convolutions: ${forward} forward, ${backward} backward`,
    );
  });

  it("tells what is trained from what is frozen", async () => {
    const table = tf.tidy(() => tf.variable(tf.zeros([500, 1000]), false));
    const { lines } = await summary(2, (module) => ({
      ...module,
      otherState: () =>
        new Map([
          ["table", table],
          ["hidden.scale.mean", table],
        ]),
    }));
    table.dispose();
    expect(lines.slice(1, -1)).to.deep.equal([
      "hidden        3 tensors        500,016  16 trainable  2.000",
      "hidden.scale  [500, 1000]      500,000  frozen        2.000",
      "output        [4, 1] + [1]           5  trainable     0.000",
      "table         [500, 1000]      500,000  frozen        2.000",
      "total         6 tensors      1,000,021  21 trainable  4.000",
    ]);
  });

  it("counts what is neither trained nor saved", async () => {
    const table = tf.tidy(() => tf.variable(tf.zeros([2, 3]), false));
    const { lines } = await summary(1, (module) => ({
      ...module,
      frozenParameters: () => new Map([["hidden.frozen", table]]),
    }));
    table.dispose();
    expect(lines.slice(1, -1)).to.deep.equal([
      "hidden  3 tensors             22  16 trainable  0.000",
      "output  [4, 1] + [1]           5  trainable     0.000",
      "total   5 tensors             27  21 trainable  0.000",
    ]);
  });

  it("is off at depth 0", async () => {
    expect((await summary(0)).lines).to.deep.equal([]);
  });

  it("leaves training as it is", async () => {
    expect((await summary(1)).bytes).to.equal((await summary(0)).bytes);
  });
});
