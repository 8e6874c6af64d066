import * as tf from "@tensorflow/tfjs";

import type { AutoencoderKl, LatentDistribution } from "./autoencoderKl.ts";
import { mapTiles } from "./tiles.ts";

export interface TiledOptions {
  /** Side of a tile in latents. Default: that of the images the autoencoder was trained on. */
  tileSize?: number;
}

/** Share of a tile that the next one shows, too. */
const overlapShare = 0.25;

/**
 * Decodes latents tile by tile where they are larger than a tile, so that memory grows with the
 * tile and not with the image. Tiles do not see each other, which shows in colours far apart, but
 * not at the borders.
 *
 * @param decode Default: the autoencoder's own, operation by operation; a compiled one is recorded
 * once for each of at most four shapes of tiles
 * @returns images as `AutoencoderKl.decode` gives them; the caller disposes
 */
export async function decodeTiled(
  vae: AutoencoderKl,
  latents: tf.Tensor4D,
  { tileSize = defaultTile(vae) }: TiledOptions = {},
  decode: (latents: tf.Tensor4D) => tf.Tensor | Promise<tf.Tensor> = (tile) => vae.decode(tile),
): Promise<tf.Tensor> {
  const [, , height, width] = latents.shape;
  if (Math.max(height, width) <= tileSize) return decode(latents);
  const overlap = Math.floor(tileSize * overlapShare);
  return mapTiles(latents, { size: tileSize, overlap, scale: vae.factor }, decode);
}

/**
 * Encodes images tile by tile where they are larger than a tile, as {@link decodeTiled}.
 *
 * @returns the caller disposes
 */
export async function encodeTiled(
  vae: AutoencoderKl,
  images: tf.Tensor4D,
  { tileSize = defaultTile(vae) }: TiledOptions = {},
): Promise<LatentDistribution> {
  const { factor } = vae;
  const [, , height, width] = images.shape;
  if (Math.max(height, width) <= tileSize * factor) return vae.encode(images);
  const overlap = Math.floor(tileSize * overlapShare) * factor;
  const options = { size: tileSize * factor, overlap, scale: 1 / factor };
  const moments = await mapTiles(images, options, (tile) =>
    tf.tidy(() => {
      const { mean, logvar } = vae.encode(tile);
      return tf.concat([mean, logvar], 1);
    }),
  );
  const [mean, logvar] = tf.split<tf.Tensor4D>(moments, 2, 1);
  moments.dispose();
  return { mean: mean!, logvar: logvar! };
}

function defaultTile({ config, factor }: AutoencoderKl): number {
  return Math.max(1, Math.floor(config.sample_size / factor));
}
