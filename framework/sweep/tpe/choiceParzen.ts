import { drawKernel, kernelWeights, type Parzen } from "./parzen.ts";

/**
 * Over values that have no order. Each observation's kernel prefers its value.
 *
 * @param count of values
 * @param observations their indices, the oldest first
 */
export function choiceParzen(count: number, observations: readonly number[]): Parzen {
  const weights = kernelWeights(observations.length);
  const base = 1 / (observations.length + 1);
  const total = count * base + 1;
  const masses = Array.from({ length: count }, (_, choice) =>
    weights.reduce((sum, weight, i) => {
      const seen = observations[i];
      const mass = seen === undefined ? 1 / count : (base + Number(seen === choice)) / total;
      return sum + weight * mass;
    }, 0),
  );
  return {
    logDensity: (choice) => Math.log(masses[choice]!),
    draw: (stream) => drawKernel(masses, stream),
  };
}
