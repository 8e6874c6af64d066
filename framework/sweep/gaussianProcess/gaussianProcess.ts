import { cholesky, solveLower, solveUpper } from "../../base/cholesky.ts";
import { fromLogs, logPosterior, toLogs } from "./marginalLikelihood.ts";
import { covariances, matern, scaledDistance, type KernelSettings } from "./matern.ts";

/** What is expected of a place. */
export interface Prediction {
  readonly mean: number;
  /** Standard deviation of the function, without the noise around it. */
  readonly deviation: number;
}

const fitSteps = 80;
/** Logarithms stay within these, where covariances can still be inverted. */
const bounds = { low: Math.log(1e-6), high: Math.log(1e4) };

/**
 * A Gaussian process of mean 0 with Matérn's kernel, after some observations.
 *
 * Source: Rasmussen & Williams 2006, algorithm 2.1.
 */
export class GaussianProcess {
  readonly settings: KernelSettings;
  readonly #places: readonly Float64Array[];
  readonly #lower: Float64Array;
  readonly #weights: Float64Array;

  /**
   * @param places in the unit cube
   * @param values one for each
   * @throws {RangeError} when the covariances are not positive definite
   */
  constructor(settings: KernelSettings, places: readonly Float64Array[], values: Float64Array) {
    const lower = cholesky(covariances(settings, places), places.length);
    if (!lower) throw new RangeError("Cannot condition a Gaussian process: places are too close");
    this.settings = settings;
    this.#places = places;
    this.#lower = lower;
    this.#weights = solveUpper(lower, solveLower(lower, values));
  }

  predict(place: Float64Array): Prediction {
    const { inverseSquares, scale } = this.settings;
    const covariance = Float64Array.from(
      this.#places,
      (other) => scale * matern(scaledDistance(inverseSquares, place, other)),
    );
    let mean = 0;
    covariance.forEach((each, i) => (mean += each * this.#weights[i]!));
    let known = 0;
    for (const each of solveLower(this.#lower, covariance)) known += each * each;
    return { mean, deviation: Math.sqrt(Math.max(scale - known, 1e-12)) };
  }
}

/**
 * The most probable numbers of a kernel, by climbing with a step of its own for each (iRprop-).
 *
 * Source: Igel & Hüsken 2003, "Empirical evaluation of the improved Rprop learning algorithms".
 */
export function fitKernel(
  places: readonly Float64Array[],
  values: Float64Array,
  dimensions: number,
): KernelSettings {
  let logs = toLogs({
    inverseSquares: new Float64Array(dimensions).fill(1),
    scale: 1,
    noise: 0.01,
  });
  let [best, bestValue] = [logs, -Infinity];
  const steps = new Float64Array(logs.length).fill(0.2);
  let before = new Float64Array(logs.length);
  for (let i = 0; i < fitSteps; i++) {
    const found = logPosterior(fromLogs(logs), places, values);
    if (!found) break;
    if (found.value > bestValue) [best, bestValue] = [logs, found.value];
    const gradient = found.gradient.map((slope, d) => (slope * before[d]! < 0 ? 0 : slope));
    found.gradient.forEach((slope, d) => {
      const agrees = slope * before[d]!;
      if (agrees !== 0)
        steps[d] = Math.min(1, Math.max(1e-4, steps[d]! * (agrees > 0 ? 1.2 : 0.5)));
    });
    logs = logs.map((log, d) =>
      Math.min(bounds.high, Math.max(bounds.low, log + Math.sign(gradient[d]!) * steps[d]!)),
    );
    before = gradient;
  }
  return fromLogs(best);
}
