import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  ClipTextEncoder,
  createDenoising,
  createOptimizer,
  hostTensor,
  RandomStream,
  stableDiffusionSchedule,
  toTensors,
  Unet,
} from "seedbed";

import { dreamboothLoss } from "../../../experiments/dreambooth/dreamboothLoss.ts";
import { diffusionModule } from "../../../experiments/textToImage/diffusionModule.ts";
import { expectClose } from "../../support/tensors.ts";

const textEncoderConfig = {
  vocab_size: 9,
  hidden_size: 8,
  intermediate_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  max_position_embeddings: 4,
  hidden_act: "quick_gelu",
  bos_token_id: 7,
  eos_token_id: 8,
};
const unetConfig = {
  sample_size: 4,
  in_channels: 4,
  out_channels: 4,
  block_out_channels: [4, 8],
  down_block_types: ["DownBlock2D", "CrossAttnDownBlock2D"],
  up_block_types: ["CrossAttnUpBlock2D", "UpBlock2D"],
  layers_per_block: 1,
  attention_head_dim: 2,
  cross_attention_dim: 8,
  norm_num_groups: 2,
};

describe("diffusionModule()", () => {
  const denoising = createDenoising({ config: stableDiffusionSchedule, minSnrGamma: 5 });
  const random = new RandomStream(1, "test");
  const prepared = denoising.prepare(
    {
      latents: hostTensor(random.normals(4 * 4 * 16), [4, 4, 4, 4]),
      ids: hostTensor(Int32Array.of(7, 1, 2, 8, 7, 3, 8, 8, 7, 4, 8, 8, 7, 5, 6, 8), [4, 4]),
    },
    random,
  );

  it("has the same losses and gradients in one pass and in several", async () => {
    const unet = new Unet(unetConfig, { seed: 1 });
    const textEncoder = new ClipTextEncoder(textEncoderConfig, { seed: 1 });
    const batch = toTensors(prepared);
    const stepOf = (passes: number, subjects: number): tf.Tensor[] => {
      const module = diffusionModule({
        unet,
        textEncoder,
        denoising,
        trains: { unet: true, textEncoder: true },
        optimizerConfig: { optimizer: createOptimizer({ name: "adamW" }) },
        passes,
        combine: (losses) => dreamboothLoss(losses, subjects, 0.5),
      });
      const parameters = [...module.trainableParameters().values()];
      const context = { loaderIndex: 0, log() {}, logDict() {} };
      return tf.tidy(() => {
        const step = (): tf.Scalar => module.trainingStep(batch, context).loss;
        const { value, grads } = tf.variableGrads(step, parameters);
        return [value, ...parameters.map(({ name }) => grads[name]!).filter(Boolean)];
      });
    };
    const [whole, passes] = [stepOf(1, 2), stepOf(2, 1)];
    expect(passes.length).to.equal(whole.length).and.be.above(100);
    for (const [i, tensor] of passes.entries()) await expectClose(tensor, whole[i]!, 1e-5);
    tf.dispose([whole, passes, batch]);
    unet.dispose();
    textEncoder.dispose();
  });
});
