import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";

import { useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { sharedParameters } from "../../../framework/base/sharedValues.ts";
import { DecodeEngine } from "../../../framework/decode/decodeEngine.ts";
import type { Decoder } from "../../../framework/models/decoder.ts";
import { loadDecoder } from "../../../framework/pipelines/loadDecoder.ts";
import { onOrt } from "../../support/parity.ts";
import { joined, worst } from "./nanoEngine.ts";

const text = [3, 141, 59, 26, 53, 58, 97, 93, 23, 84, 62, 64];
/** Two graphs of float32 arithmetic in other orders. */
const tolerance = 1e-4;

function trainedLogits(decoder: Decoder): Float32Array {
  return tf.tidy(() => {
    const ids = tf.tensor2d([text], undefined, "int32");
    return Float32Array.from(decoder.forward({ ids }).logits.dataSync());
  });
}

describe("a decoder in training and the engine", () => {
  let compile: Compile;
  onOrt();
  before(async () => {
    ({ compile } = await useBackend("ort", { threads: 2 }));
  });

  for (const name of ["smollm2-tiny", "qwen2-tiny"]) {
    it(`have one copy of the weights of ${name}, and agree before and after steps`, async () => {
      const decoder = loadDecoder(`test/fixtures/nano/${name}`);
      const { config, parameters } = decoder;
      const weights = sharedParameters(parameters);
      const engine = new DecodeEngine({ config, weights, floatWeights: "bound" });
      const decoded = async (): Promise<Float32Array> => {
        await engine.reset(0);
        return joined(await engine.feed(0, text));
      };
      const before = await decoded();
      expect(worst(before, trainedLogits(decoder))).to.be.below(tolerance);

      const step = compile(({ ids }: { ids: tf.Tensor }) => {
        const loss = (): tf.Scalar => decoder.forward({ ids }).logits.square().mean();
        const { value, grads } = tf.variableGrads(loss, [...parameters.values()]);
        for (const variable of parameters.values()) {
          const gradient = grads[variable.name];
          if (gradient) variable.assign(variable.sub(gradient.mul(0.01)));
        }
        return { loss: value };
      });
      const ids = tf.tensor2d([text], undefined, "int32");
      for (let i = 0; i < 2; i++) tf.dispose(await step({ ids }));
      const updated = sharedParameters(parameters);
      await engine.useWeights(updated);
      const after = await decoded();
      expect(worst(after, before)).to.be.above(10 * tolerance);
      expect(worst(after, trainedLogits(decoder))).to.be.below(tolerance);
      for (const [parameter, { values }] of sharedParameters(parameters)) {
        expect(values, parameter).to.equal(updated.get(parameter)!.values);
      }
      const count = [...parameters.values()].reduce((sum, { size }) => sum + size, 0);
      expect(engine.memory().sharedWeightBytes).to.equal(4 * count);
      step.dispose();
      ids.dispose();
      decoder.dispose();
      await engine.dispose();
    });
  }
});
