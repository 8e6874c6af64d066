import { cholesky, inverseFromCholesky, solveLower, solveUpper } from "../../base/cholesky.ts";
import { covariances, maternSlope, scaledDistance, type KernelSettings } from "./matern.ts";

/** A logarithm of probability, and its slope by the logarithm of each number it depends on. */
export interface LogPosterior {
  readonly value: number;
  /** By the logarithms of the inverse squares, of the scale and of the noise. */
  readonly gradient: Float64Array;
}

/** Numbers of a kernel as a vector of logarithms. */
export const toLogs = ({ inverseSquares, scale, noise }: KernelSettings): Float64Array =>
  Float64Array.of(...inverseSquares, scale, noise).map(Math.log);

export function fromLogs(logs: Float64Array): KernelSettings {
  const numbers = logs.map(Math.exp);
  return {
    inverseSquares: numbers.slice(0, -2),
    scale: numbers.at(-2)!,
    noise: numbers.at(-1)!,
  };
}

/**
 * How probable the observations and the kernel's numbers are: the marginal likelihood, and weak
 * priors that keep lengths between a tenth and ten times the cube's side, the scale near that of
 * the observations and the noise small.
 *
 * Source: Rasmussen & Williams 2006, eq. 5.8 and 5.9.
 *
 * @param values one for each place, of mean 0 and variance 1
 * @returns undefined when the covariances are not positive definite
 */
export function logPosterior(
  settings: KernelSettings,
  places: readonly Float64Array[],
  values: Float64Array,
): LogPosterior | undefined {
  const n = places.length;
  const lower = cholesky(covariances(settings, places), n);
  if (!lower) return undefined;
  const weights = solveUpper(lower, solveLower(lower, values));
  let value = (-n / 2) * Math.log(2 * Math.PI);
  for (let i = 0; i < n; i++) {
    value -= (values[i]! * weights[i]!) / 2 + Math.log(lower[i * n + i]!);
  }
  const gradient = likelihoodGradient(settings, places, weights, inverseFromCholesky(lower, n));
  return withPriors(settings, value, gradient);
}

function likelihoodGradient(
  { inverseSquares, scale, noise }: KernelSettings,
  places: readonly Float64Array[],
  weights: Float64Array,
  inverse: Float64Array,
): Float64Array {
  const [n, dimensions] = [places.length, inverseSquares.length];
  const gradient = new Float64Array(dimensions + 2);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const pull = weights[i]! * weights[j]! - inverse[i * n + j]!; // twice below the diagonal
      if (i === j) {
        gradient[dimensions]! += (pull * scale) / 2;
        gradient[dimensions + 1]! += (pull * noise) / 2;
        continue;
      }
      const squared = scaledDistance(inverseSquares, places[i]!, places[j]!);
      const slope = scale * maternSlope(squared);
      const a = Math.sqrt(5 * squared);
      gradient[dimensions]! += pull * scale * (1 + a + (a * a) / 3) * Math.exp(-a);
      for (let d = 0; d < dimensions; d++) {
        const difference = places[i]![d]! - places[j]![d]!;
        gradient[d]! += pull * slope * inverseSquares[d]! * difference * difference;
      }
    }
  }
  return gradient;
}

/** -0.1 (x + 1/x) for each inverse square, gamma distributions for scale (2, 1) and noise (1.1, 30). */
function withPriors(
  { inverseSquares, scale, noise }: KernelSettings,
  likelihood: number,
  gradient: Float64Array,
): LogPosterior {
  let value = likelihood + Math.log(scale) - scale + 0.1 * Math.log(noise) - 30 * noise;
  const dimensions = inverseSquares.length;
  inverseSquares.forEach((x, d) => {
    value -= 0.1 * (x + 1 / x);
    gradient[d]! -= 0.1 * (x - 1 / x);
  });
  gradient[dimensions]! += 1 - scale;
  gradient[dimensions + 1]! += 0.1 - 30 * noise;
  return { value, gradient };
}
