import { hostTensor, lossMask, type Example, type HostTensor, type RandomStream } from "seedbed";

import type { PictureCopy } from "./framing.ts";

/** How masks weight the loss. */
export interface Masking {
  /** Pixels of a side that become one latent. */
  readonly factor: number;
  /** Weight of what a mask leaves out. */
  readonly outside: number;
}

/**
 * `mask [1, height, width]` of a copy in latents; the same weight everywhere where it has none.
 *
 * @param random as for the copy's picture
 */
async function maskOf(
  { size: { width, height }, mask }: PictureCopy,
  { factor, outside }: Masking,
  random?: RandomStream,
): Promise<HostTensor> {
  if (mask) return lossMask(await mask(random), { width, height, factor, outside });
  const shape = [1, height / factor, width / factor];
  return hostTensor(new Float32Array((width * height) / factor ** 2).fill(1), shape);
}

/** An example and the mask that belongs to it. */
export async function withMask(
  example: Example,
  copy: PictureCopy,
  masking: Masking,
  random?: RandomStream,
): Promise<Example> {
  return { ...example, mask: await maskOf(copy, masking, random) };
}
