import type { RandomStream } from "../../base/random.ts";

/** Of one parameter: a kernel for each observation and, last, one that knows nothing. */
export interface Kernels {
  /** Of a kernel's density, or of the mass of a value among several. */
  logKernel(index: number, value: number): number;
  drawFrom(index: number, stream: RandomStream): number;
}

/** A mixture of products: what was good together stays together. */
export interface Parzen {
  /** @param values one for each parameter */
  logDensity(values: readonly number[]): number;
  draw(stream: RandomStream): number[];
}

/**
 * The density of several parameters that were observed together.
 *
 * @param observations how many each of the parameters has
 */
export function jointParzen(parameters: readonly Kernels[], observations: number): Parzen {
  const weights = kernelWeights(observations);
  const logWeights = weights.map(Math.log);
  return {
    logDensity: (values) =>
      logSumExp(
        logWeights.map((logWeight, kernel) =>
          parameters.reduce((sum, each, i) => sum + each.logKernel(kernel, values[i]!), logWeight),
        ),
      ),
    draw(stream) {
      const kernel = drawKernel(weights, stream);
      return parameters.map((each) => each.drawFrom(kernel, stream));
    },
  };
}

/** Observations that all count alike; older ones count less. */
const fullyWeighted = 25;

/**
 * Weights of kernels, the one that knows nothing last: the newest 25 count 1, older ones less the
 * older they are.
 *
 * Source: Bergstra, Yamins & Cox 2013, as in Optuna 4.9.
 */
export function kernelWeights(observations: number): number[] {
  const old = Math.max(0, observations - fullyWeighted);
  const weights = Array.from({ length: observations + 1 }, (_, i) =>
    i < old ? rampWeight(i, old, observations) : 1,
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** From 1 / observations to 1 in even steps. */
const rampWeight = (i: number, old: number, observations: number): number => {
  const first = 1 / observations;
  return old === 1 ? first : first + ((1 - first) * i) / (old - 1);
};

/** Index of a kernel, drawn by weight. */
export function drawKernel(weights: readonly number[], stream: RandomStream): number {
  const u = stream.uniform();
  let sum = 0;
  const index = weights.findIndex((weight) => (sum += weight) > u);
  return index < 0 ? weights.length - 1 : index;
}

/** log(sum of exp). */
export function logSumExp(values: readonly number[]): number {
  const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (largest === -Infinity) return -Infinity;
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}
