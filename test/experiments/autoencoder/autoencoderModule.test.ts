import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  AutoencoderKl,
  createOptimizer,
  hostTensor,
  RandomStream,
  toTensors,
  type HostBatch,
} from "seedbed";

import {
  autoencoderModule,
  type AutoencoderModuleOptions,
} from "../../../experiments/autoencoder/autoencoderModule.ts";

const config = {
  in_channels: 3,
  out_channels: 3,
  latent_channels: 2,
  block_out_channels: [4, 4],
  down_block_types: ["DownEncoderBlock2D", "DownEncoderBlock2D"],
  up_block_types: ["UpDecoderBlock2D", "UpDecoderBlock2D"],
  layers_per_block: 1,
  norm_num_groups: 2,
  act_fn: "silu",
  sample_size: 4,
};
const autoencoder = new AutoencoderKl(config, { seed: 1 });
const context = { loaderIndex: 0, log() {}, logDict() {} };
const random = new RandomStream(1, "test");
const batch: HostBatch = { image: hostTensor(random.normals(2 * 3 * 16), [2, 3, 4, 4]) };

const moduleWith = (
  options: Partial<AutoencoderModuleOptions>,
): ReturnType<typeof autoencoderModule> =>
  autoencoderModule({
    autoencoder,
    optimizerConfig: { optimizer: createOptimizer({ name: "adamW" }) },
    klWeight: 0.5,
    ...options,
  });

/** The losses of one step, by name. */
async function losses(options: Partial<AutoencoderModuleOptions>): Promise<Record<string, number>> {
  const module = moduleWith(options);
  const prepared = await module.prepareBatch!(batch, new RandomStream(2, "noise"), "train");
  return tf.tidy(() =>
    Object.fromEntries(
      Object.entries(module.trainingStep(toTensors(prepared), context) as tf.NamedTensorMap).map(
        ([name, value]) => [name, value.dataSync()[0]!],
      ),
    ),
  );
}

describe("autoencoderModule()", () => {
  it("weighs the divergence against the reconstruction", async () => {
    const { loss, reconstruction, kl } = await losses({});
    expect(kl).to.be.above(0);
    expect(loss).to.be.closeTo(reconstruction! + 0.5 * kl!, 1e-6);
  });

  it("trains the decoder alone when the encoder stays, on means without noise", async () => {
    const all = [...autoencoder.parameters.keys()];
    const module = moduleWith({ trainEncoder: false });
    expect([...module.trainableParameters().keys()]).to.deep.equal(
      all.filter((name) => !/^(?:encoder|quant_conv)\./.test(name)),
    );
    const { loss, reconstruction, ...rest } = await losses({ trainEncoder: false });
    expect(rest).to.deep.equal({});
    expect(loss).to.equal(reconstruction);
    const meanError = tf.tidy(() => {
      const { image } = toTensors(batch);
      const decoded = autoencoder.decode(autoencoder.encode(image!).mean);
      return decoded.sub(image!).square().mean().dataSync()[0]!;
    });
    expect(loss).to.be.closeTo(meanError, 1e-6);
  });
});
