import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { AutoencoderKl } from "../../../framework/models/autoencoderKl.ts";
import { decodeTiled, encodeTiled } from "../../../framework/models/tiledAutoencoder.ts";

const config = {
  block_out_channels: [4, 8],
  down_block_types: ["DownEncoderBlock2D", "DownEncoderBlock2D"],
  up_block_types: ["UpDecoderBlock2D", "UpDecoderBlock2D"],
  layers_per_block: 1,
  norm_num_groups: 2,
  sample_size: 16,
};

describe("decodeTiled() and encodeTiled()", () => {
  it("are decode() and encode() up to the size of a tile", async () => {
    const vae = new AutoencoderKl(config, { seed: 1 });
    const image = tf.ones<tf.Rank.R4>([1, 3, 16, 12]);
    const [whole, tiled] = [vae.encode(image), await encodeTiled(vae, image)];
    expect([...tiled.mean.dataSync()]).to.deep.equal([...whole.mean.dataSync()]);
    const [direct, decoded] = [vae.decode(whole.mean), await decodeTiled(vae, whole.mean)];
    expect([...decoded.dataSync()]).to.deep.equal([...direct.dataSync()]);
    tf.dispose([image, whole.mean, whole.logvar, tiled.mean, tiled.logvar, direct, decoded]);
    vae.dispose();
  });

  it("map larger images tile by tile, of at most four shapes", async () => {
    const vae = new AutoencoderKl(config, { seed: 1 });
    const image = tf.ones<tf.Rank.R4>([1, 3, 40, 28]);
    const { mean, logvar } = await encodeTiled(vae, image);
    expect(mean.shape).to.deep.equal([1, 4, 20, 14]);
    expect(logvar.shape).to.deep.equal([1, 4, 20, 14]);
    const shapes = new Set<string>();
    const decoded = await decodeTiled(vae, mean, { tileSize: 8 }, (tile) => {
      shapes.add(tile.shape.slice(2).join(" x "));
      return vae.decode(tile);
    });
    expect(decoded.shape).to.deep.equal([1, 3, 40, 28]);
    expect([...shapes]).to.deep.equal(["8 x 8", "8 x 2", "2 x 8", "2 x 2"]);
    tf.dispose([image, mean, logvar, decoded]);
    vae.dispose();
  });
});
