import * as tf from "@tensorflow/tfjs";
import {
  hostTensor,
  imagesToTensor,
  toTensor,
  type AutoencoderKl,
  type Compile,
  type HostTensor,
  type RgbImage,
} from "seedbed";

export interface EncodeLatentsOptions {
  autoencoder: AutoencoderKl;
  compile: Compile;
  count: number;
  image: (index: number) => RgbImage;
  batchSize?: number;
  signal?: AbortSignal;
  onProgress?: (done: number) => void;
}

/**
 * Latents of many images, as the UNet takes them: the means of their distributions, scaled.
 * The last batch is filled up, so that all have one shape.
 *
 * @returns `[count, channels, height, width]`
 */
export async function encodeLatents({
  autoencoder,
  compile,
  count,
  image,
  batchSize = 32,
  signal,
  onProgress,
}: EncodeLatentsOptions): Promise<HostTensor> {
  const encode = compile(({ images }: { images: tf.Tensor }) => ({
    latents: autoencoder.scaleLatents(autoencoder.encode(images).mean),
  }));
  const size = Math.min(batchSize, count);
  let all: Float32Array | undefined;
  let shape: number[] = [];
  try {
    for (let start = 0; start < count; start += size) {
      signal?.throwIfAborted();
      const indices = Array.from({ length: size }, (_, i) => Math.min(start + i, count - 1));
      const images = toTensor(imagesToTensor(indices.map(image)));
      const { latents } = await encode({ images });
      shape = latents.shape.slice(1);
      const perImage = latents.size / size;
      all ??= new Float32Array(count * perImage);
      const values = await latents.data<"float32">();
      all.set(values.subarray(0, Math.min(size, count - start) * perImage), start * perImage);
      tf.dispose([images, latents]);
      onProgress?.(Math.min(count, start + size));
    }
  } finally {
    encode.dispose();
  }
  return hostTensor(all!, [count, ...shape]);
}
