import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { ClipTextEncoder, createOptimizer, hostTensor, Trainer, type DataLoader } from "seedbed";

import {
  latentHead,
  textEncoderModule,
} from "../../../experiments/textEncoder/textEncoderModule.ts";

const [start, end, cat, dog] = [0, 1, 2, 3];
const config = {
  vocab_size: 4,
  hidden_size: 8,
  intermediate_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  max_position_embeddings: 3,
  eos_token_id: end,
};

/** Cats are 1 or 3 all over, dogs -2. */
const loader: DataLoader = {
  length: 1,
  batch: () =>
    Promise.resolve({
      ids: hostTensor(Int32Array.of(start, cat, end, start, cat, end, start, dog, end), [3, 3]),
      latents: hostTensor(
        Float32Array.from({ length: 12 }, (_, i) => [1, 3, -2][Math.floor(i / 4)]!),
        [3, 1, 2, 2],
      ),
    }),
};

describe("textEncoderModule()", () => {
  it("learns the mean of the pictures that a caption stands for", async () => {
    const textEncoder = new ClipTextEncoder(config, { seed: 1 });
    const head = latentHead(8, [1, 2, 2], 1);
    const optimizer = { name: "adamW", learningRate: 0.02 };
    const module = textEncoderModule({
      textEncoder,
      head,
      optimizerConfig: { optimizer: createOptimizer(optimizer) },
    });
    expect([...module.trainableParameters().keys()]).to.include.members([
      "text_encoder.text_model.embeddings.token_embedding.weight",
      "head.weight",
    ]);
    const trainer = new Trainer({ print: () => {}, numSanityValSteps: 0, maxSteps: 80 });
    await trainer.fit(module, { trainLoader: loader });
    const means = tf.tidy(() => {
      const ids = tf.tensor2d([start, cat, end, start, dog, end], [2, 3], "int32");
      return head.predict(textEncoder.encode(ids)).mean([1, 2, 3]).dataSync();
    });
    expect(means[0]).to.be.closeTo(2, 0.05);
    expect(means[1]).to.be.closeTo(-2, 0.05);
    textEncoder.dispose();
    tf.dispose([...head.parameters.values()]);
  });
});
