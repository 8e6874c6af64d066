import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, describe, it } from "mocha";
import { ParameterScope } from "seedbed";

import { batchNorm } from "../../../experiments/imageClassifier/batchNorm.ts";

describe("batchNorm()", () => {
  const scope = new ParameterScope({ seed: 1 });
  const statistics = new Map<string, tf.Variable>();
  const normalise = batchNorm(scope, 2, statistics);
  const valuesOf = (x: number[], training: boolean): number[] =>
    tf.tidy(() => [...normalise(tf.tensor4d(x, [2, 2, 1, 1]), training).dataSync()]);

  after(() => tf.dispose([...scope.parameters.values(), ...statistics.values()]));

  it("normalises each channel over the batch in training, and remembers a twentieth", () => {
    // channel 0 has 1 and 5, channel 1 has 10 and 30
    const made = valuesOf([1, 10, 5, 30], true);
    [-1, -1, 1, 1].forEach((value, i) => expect(made[i]).to.be.closeTo(value, 1e-4));
    const [mean, variance] = [...statistics.values()].map((each) => [...each.dataSync()]);
    [0.15, 1].forEach((value, i) => expect(mean![i]).to.be.closeTo(value, 1e-6));
    [0.95 + 0.05 * 4, 0.95 + 0.05 * 100].forEach((value, i) =>
      expect(variance![i]).to.be.closeTo(value, 1e-5),
    );
  });

  it("normalises by what it remembers in evaluation", () => {
    // (1.15 - 0.15) / sqrt(1.15), (6.95 - 1) / sqrt(5.95)
    const made = valuesOf([1.15, 6.95, 0.15, 1], false);
    [0.9325, 2.4393, 0, 0].forEach((value, i) => expect(made[i]).to.be.closeTo(value, 1e-3));
  });
});
