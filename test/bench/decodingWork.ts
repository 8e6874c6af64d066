import * as tf from "@tensorflow/tfjs";

import { RandomStream } from "../../framework/base/random.ts";
import { sizeOf } from "../../framework/base/shape.ts";
import { AutoencoderKl } from "../../framework/models/autoencoderKl.ts";
import { decodeTiled, type TiledOptions } from "../../framework/models/tiledAutoencoder.ts";
import { latentShape, vaeConfig } from "./cases/stableDiffusionConfigs.ts";
import { takeMeanSquare } from "./takeMeanSquare.ts";
import type { PrepareOptions, PreparedWorkload } from "./workload.ts";

/** Latents of one picture to pixels, by Stable Diffusion's decoder. */
export function decodingWork(
  tiling: TiledOptions,
  { compile, blank = false }: PrepareOptions,
): PreparedWorkload {
  const vae = new AutoencoderKl(vaeConfig, { seed: blank ? null : 1 });
  const decode = compile(({ latents }: { latents: tf.Tensor4D }) => ({
    image: vae.decode(latents),
  }));
  const values = new RandomStream(1, "inputs").normals(sizeOf(latentShape));
  const latents = tf.tensor4d(values, [1, ...latentShape]);
  return {
    async run() {
      const decodeOne = async (tile: tf.Tensor4D): Promise<tf.Tensor> =>
        (await decode({ latents: tile })).image;
      return takeMeanSquare(await decodeTiled(vae, latents, tiling, decodeOne));
    },
    repeats: 1,
    dispose() {
      decode.dispose();
      latents.dispose();
    },
  };
}
