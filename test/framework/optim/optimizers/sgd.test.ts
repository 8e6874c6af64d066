import * as tf from "@tensorflow/tfjs";

import { sgd, type SgdOptions } from "../../../../framework/optim/optimizers/sgd.ts";
import { expectClose } from "../../../support/tensors.ts";

const cases: { title: string; options: Partial<SgdOptions>; after: number[] }[] = [
  { title: "steps against the gradient", options: {}, after: [0.9, 0.8] },
  { title: "keeps momentum", options: { momentum: 0.5 }, after: [0.9, 0.75] }, // v: 1, 1.5
  {
    title: "looks ahead with nesterov", // first 1 + 0.5, then 1 + 0.75
    options: { momentum: 0.5, nesterov: true },
    after: [0.85, 0.675],
  },
  { title: "adds weight decay to the gradient", options: { weightDecay: 1 }, after: [0.8, 0.62] },
];

describe("sgd()", () => {
  for (const { title, options, after } of cases) {
    it(title, async () => {
      const parameter = tf.tidy(() => tf.variable(tf.scalar(1)));
      const optimizer = sgd(options);
      optimizer.initialize(new Map([["w", parameter]]));
      for (const expected of after) {
        tf.tidy(() => {
          const gradient = new Map([["w", tf.scalar(2)]]);
          optimizer.apply(gradient, { learningRate: tf.scalar(0.1) }, tf.scalar(0.5));
        });
        await expectClose(parameter, expected, 1e-6);
      }
      optimizer.dispose();
      parameter.dispose();
    });
  }
});
