import { hostTensor, type HostTensor } from "../base/hostTensor.ts";
import { RandomStream } from "../base/random.ts";
import { sizeOf } from "../base/shape.ts";

/**
 * Standard normal noise for a batch of images, each drawn from its own seed: the other images of
 * the batch do not change it.
 *
 * @param seeds one per image, each an integer in [0, 2^32)
 * @param shape of one image's latents, such as `[channels, height, width]`
 * @param stream what the noise is for
 * @param step which draw of the stream
 * @returns `[batch, ...shape]`
 */
export function imageNoise(
  seeds: readonly number[],
  shape: readonly number[],
  stream = "latents",
  step = 0,
): HostTensor {
  const size = sizeOf(shape);
  const values = new Float32Array(seeds.length * size);
  for (const [i, seed] of seeds.entries()) {
    values.set(new RandomStream(seed, stream, step).normals(size), i * size);
  }
  return hostTensor(values, [seeds.length, ...shape]);
}
