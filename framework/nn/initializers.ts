import type { RandomStream } from "../base/random.ts";

/** Fills a new parameter of `size` elements. */
export type Initializer = (random: RandomStream, size: number) => Float32Array;

export const zeros: Initializer = (_, size) => new Float32Array(size);

export const ones: Initializer = (_, size) => new Float32Array(size).fill(1);

/** Uniform in `[-1 / sqrt(fanIn), 1 / sqrt(fanIn))`, PyTorch's default for linear and convolution. */
export function fanInUniform(fanIn: number): Initializer {
  const bound = 1 / Math.sqrt(fanIn);
  return (random, size) => random.uniforms(size).map((value) => (2 * value - 1) * bound);
}

/** Normal with mean 0. */
export function normal(deviation: number): Initializer {
  return (random, size) => random.normals(size).map((value) => value * deviation);
}
