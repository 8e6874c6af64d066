import * as tf from "@tensorflow/tfjs";
import { describe, it } from "mocha";

import { sinusoids } from "../../../framework/nn/timestepEmbedding.ts";
import { expectGolden, goldenTensors, sets } from "../../support/stableDiffusion.ts";
import { expectClose } from "../../support/tensors.ts";

describe("sinusoids()", () => {
  for (const set of sets) {
    it(`matches the published implementation on ${set}`, () => {
      const golden = goldenTensors(set, "unet");
      tf.tidy(() => {
        const expected = golden.get("timestep_embedding.output");
        const timesteps = golden.get("timestep_embedding.timesteps");
        const options = { flipSinToCos: true, freqShift: 0 };
        // One unit in the last place of an angle near 999 is 6e-5.
        expectGolden(sinusoids(timesteps, expected.shape[1]!, options), expected, 7e-5);
      });
    });
  }

  it("has sines first unless flipped, and a zero behind an odd number", async () => {
    const timesteps = tf.tensor1d([2], "int32");
    const options = { flipSinToCos: false, freqShift: 1 };
    const y = sinusoids(timesteps, 5, options);
    const slow = 2 / 10_000;
    await expectClose(y, [[Math.sin(2), Math.sin(slow), Math.cos(2), Math.cos(slow), 0]], 1e-6);
    tf.dispose([timesteps, y]);
  });
});
