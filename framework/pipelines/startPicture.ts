import * as tf from "@tensorflow/tfjs";

import { hostTensor, toTensor, type HostTensor } from "../base/hostTensor.ts";
import { describeShape, sameShape } from "../base/shape.ts";
import { imageNoise } from "../diffusion/imageNoise.ts";
import type { AutoencoderKl } from "../models/autoencoderKl.ts";
import { encodeTiled } from "../models/tiledAutoencoder.ts";

/** A picture that sampling begins with. */
export interface StartPicture {
  /** `[1, 3, height, width]` in [-1, 1]. */
  readonly pixels: HostTensor;
  /** In (0, 1]: how much of the picture's structure may change; see `stepsToSkip`. */
  readonly strength: number;
  /** At least 0.5 where the picture is made anew, `[1, 1, height, width]`; the rest stays. */
  readonly mask?: HostTensor | undefined;
}

/** A start picture as the UNet's latents. */
export interface EncodedPicture {
  /** Latents for some images, each drawn with its own seed, `[seeds, channels, height, width]`. */
  latents(seeds: readonly number[]): HostTensor;
  /** 1 where latents are made anew, else 0, `[1, 1, height, width]`. */
  readonly mask: HostTensor | undefined;
  /**
   * What inpainting checkpoints see beside the latents: the mask, then the picture whose masked
   * part is grey, `[seeds, 1 + channels, height, width]`.
   */
  maskedChannels(seeds: readonly number[]): HostTensor;
}

export interface EncodePictureOptions {
  vae: AutoencoderKl;
  /** Side in latents of the tiles that larger pictures are encoded in. */
  tileSize: number;
  /** Whether `maskedChannels` will be asked for. */
  withMasked: boolean;
}

/** Encodes a picture once for all images that begin with it. */
export async function encodePicture(
  { pixels, mask }: StartPicture,
  { vae, tileSize, withMasked }: EncodePictureOptions,
): Promise<EncodedPicture> {
  checkMask(pixels, mask);
  const whole = await momentsOf(vae, pixels, tileSize);
  const masked =
    withMasked && mask ? await momentsOf(vae, greyed(pixels, mask), tileSize) : undefined;
  const small = mask && latentMask(mask, vae.factor);
  return {
    latents: (seeds) => draw(vae, whole, seeds, "picture"),
    mask: small,
    maskedChannels(seeds) {
      if (!masked || !small) throw new Error("Cannot give masked channels: there is no mask");
      return behindMask(small, draw(vae, masked, seeds, "maskedPicture"));
    },
  };
}

/**
 * Where the mask is below 0.5, images get the picture's own pixels.
 *
 * @param images `[batch, 3, height, width]`, changed in place
 */
export function keepPixels(images: Float32Array, { pixels, mask }: StartPicture): void {
  if (mask === undefined) return;
  const area = mask.values.length;
  for (let i = 0; i < images.length; i++) {
    if (isKept(mask.values[i % area]!)) images[i] = pixels.values[i % pixels.values.length]!;
  }
}

const isKept = (value: number): boolean => value < 0.5;

function checkMask({ shape }: HostTensor, mask: HostTensor | undefined): void {
  const expected = [1, 1, ...shape.slice(2)];
  if (!mask || sameShape(mask.shape, expected)) return;
  throw new RangeError(
    `Cannot inpaint: expected a mask ${describeShape(expected)} for the picture, got ${describeShape(mask.shape)}`,
  );
}

/** Mean and standard deviation of a picture's latents, not scaled. */
interface Moments {
  readonly shape: readonly number[];
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

async function momentsOf(
  vae: AutoencoderKl,
  pixels: HostTensor,
  tileSize: number,
): Promise<Moments> {
  const images = tf.tidy(() => toTensor(pixels).as4D(...rank4(pixels)));
  const { mean, logvar } = await encodeTiled(vae, images, { tileSize });
  const deviation = tf.tidy(() => logvar.mul(0.5).exp());
  try {
    return {
      shape: mean.shape.slice(1),
      mean: await mean.data<"float32">(),
      deviation: await deviation.data<"float32">(),
    };
  } finally {
    tf.dispose([images, mean, logvar, deviation]);
  }
}

function rank4({ shape: [batch = 1, channels = 1, height = 1, width = 1] }: HostTensor) {
  return [batch, channels, height, width] as const;
}

/** A draw from a picture's distribution for each seed, scaled for the UNet. */
function draw(
  { config: { scaling_factor: scale, shift_factor: shift } }: AutoencoderKl,
  { shape, mean, deviation }: Moments,
  seeds: readonly number[],
  stream: string,
): HostTensor {
  const noise = imageNoise(seeds, shape, stream);
  const values = Float32Array.from(noise.values, (value, i) => {
    const at = i % mean.length;
    return (mean[at]! + deviation[at]! * value - shift) * scale;
  });
  return hostTensor(values, noise.shape);
}

/** The picture without what is made anew. */
function greyed({ values, shape }: HostTensor, mask: HostTensor): HostTensor {
  const area = mask.values.length;
  const kept = Float32Array.from(values, (value, i) =>
    isKept(mask.values[i % area]!) ? value : 0,
  );
  return hostTensor(kept, shape);
}

/** A latent is made anew where any of its pixels is. */
function latentMask({ values, shape }: HostTensor, factor: number): HostTensor {
  const [, , height = 1, width = 1] = shape;
  const [rows, columns] = [height / factor, width / factor];
  const small = new Float32Array(rows * columns);
  values.forEach((value, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    if (!isKept(value)) small[Math.floor(y / factor) * columns + Math.floor(x / factor)] = 1;
  });
  return hostTensor(small, [1, 1, rows, columns]);
}

/** `[batch, 1 + channels, height, width]` */
function behindMask(mask: HostTensor, { values, shape }: HostTensor): HostTensor {
  const [batch = 1, channels = 1, height = 1, width = 1] = shape;
  const size = channels * height * width;
  const joined = new Float32Array(batch * (mask.values.length + size));
  for (let i = 0; i < batch; i++) {
    const start = i * (mask.values.length + size);
    joined.set(mask.values, start);
    joined.set(values.subarray(i * size, (i + 1) * size), start + mask.values.length);
  }
  return hostTensor(joined, [batch, 1 + channels, height, width]);
}
