import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createLoader, Decoder, packedDataset, tokenDocuments } from "seedbed";

import { layerGrams } from "../../../experiments/nanoQuantization/calibration.ts";

describe("layerGrams()", () => {
  it("sums products of what comes into a layer's matrices", async () => {
    const model = new Decoder(
      {
        ...{ architectures: ["LlamaForCausalLM"], vocab_size: 12, hidden_size: 4 },
        ...{ intermediate_size: 6, num_hidden_layers: 1, num_attention_heads: 1 },
        ...{ max_position_embeddings: 16, initializer_range: 0.5 },
      },
      { seed: 1 },
    );
    const documents = tokenDocuments([{ ids: [1, 2, 3, 4] }, { ids: [5, 6, 7, 8] }]);
    const dataset = packedDataset(documents, { length: 4, padId: 0 });
    const loader = createLoader({ dataset, batchSize: 1, seed: 0 });
    const grams = await layerGrams(model, loader, 8);
    expect([...grams.keys()].map((name) => name.split(".").at(-2))).to.have.members([
      ...["q_proj", "k_proj", "v_proj", "o_proj"],
      ...["gate_proj", "up_proj", "down_proj"],
    ]);
    const expected = tf.tidy(() => {
      const ids = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [1, 8], "int32");
      const rows = model.embed(ids).reshape<tf.Tensor2D>([8, 4]);
      const power = rows.square().mean(-1, true).add(model.config.rms_norm_eps);
      const normed = rows.div<tf.Tensor2D>(power.sqrt()); // a new norm's weights are 1
      return tf.matMul(normed, normed, true).dataSync();
    });
    const found = grams.get("model.layers.0.self_attn.q_proj.weight")!;
    for (const [i, value] of expected.entries()) expect(found[i]).to.be.closeTo(value, 1e-4);
    expect(grams.get("model.layers.0.mlp.down_proj.weight")).to.have.length(36);
    model.dispose();
  });
});
