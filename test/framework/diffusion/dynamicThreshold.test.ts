import * as tf from "@tensorflow/tfjs";
import { describe, it } from "mocha";

import { dynamicThreshold } from "../../../framework/diffusion/dynamicThreshold.ts";
import { expectClose } from "../../support/tensors.ts";

describe("dynamicThreshold()", () => {
  const large = [0.5, -3, 1.2, 2, -0.1, 4, 0, -1.5];
  const small = [0.1, 0.2, -0.3, 0.4, 0.5, -0.6, 0.7, 0.8];
  // Thresholds of torch.quantile (PyTorch 2.13): 2.6, 3.965 and 4; small values are left alone.
  for (const { ratio, most, threshold } of [
    { ratio: 0.8, most: 10, threshold: 2.6 },
    { ratio: 0.995, most: 2, threshold: 2 },
    { ratio: 0.995, most: 10, threshold: 3.965 },
    { ratio: 1, most: 10, threshold: 4 },
  ]) {
    it(`cuts at ${threshold} for quantile ${ratio} up to ${most}, and divides by it`, async () => {
      const samples = tf.tensor4d([...large, ...small], [2, 2, 2, 2]);
      const cut = dynamicThreshold(samples, { ratio, most });
      const expected = large.map(
        (value) => Math.min(Math.max(value, -threshold), threshold) / threshold,
      );
      const want = tf.tensor4d([...expected, ...small], [2, 2, 2, 2]);
      await expectClose(cut, want, 1e-6);
      tf.dispose([samples, cut, want]);
    });
  }
});
