/** Factors of a linear combination, one for each of the terms. */
export type Combination = readonly number[];

/** What is known after a call of the network, as combinations that hold one term each. */
export interface Terms {
  /** What the sampler had before the call, not scaled for the network. */
  readonly latents: Combination;
  /** What earlier calls left. */
  readonly memory: readonly Combination[];
  /** The network's output, guided. */
  readonly prediction: Combination;
  /** The clean sample that it stands for, cut as the config says. */
  readonly sample: Combination;
  /** Standard normal noise of this call. */
  readonly fresh: Combination;
}

/** Terms of a sampler with so many rows of memory, in the order of their factors. */
export function termsOf(memories: number): Terms {
  const count = memories + 4;
  const term = (index: number): Combination =>
    Array.from({ length: count }, (_, i) => (i === index ? 1 : 0));
  return {
    latents: term(0),
    memory: Array.from({ length: memories }, (_, row) => term(1 + row)),
    prediction: term(memories + 1),
    sample: term(memories + 2),
    fresh: term(memories + 3),
  };
}

/** The sum of combinations, each times its factor. */
export function combine(...parts: readonly (readonly [number, Combination])[]): Combination {
  const [, first = []] = parts[0] ?? [];
  return first.map((_, i) =>
    parts.reduce((sum, [factor, combination]) => sum + factor * combination[i]!, 0),
  );
}

/** Whether the factor of fresh noise, the last one, is not zero. */
export function usesFreshNoise(combination: Combination): boolean {
  return combination.at(-1) !== 0;
}
