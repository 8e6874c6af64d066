import { cholesky, solveLower, solveUpper } from "../../base/cholesky.ts";
import { fromLogs, logPosterior, toLogs } from "./marginalLikelihood.ts";
import { covariances, matern, maternSlope, scaledDistance } from "./matern.ts";
import type { KernelSettings } from "./matern.ts";
import { minimiseInBox, type Box } from "./minimiseInBox.ts";

/** What is expected of a place. */
export interface Prediction {
  readonly mean: number;
  /** Standard deviation of the function, without the noise around it. */
  readonly deviation: number;
}

/** A prediction, and its gradients by the place. */
export interface PredictionSlopes extends Prediction {
  readonly meanSlope: Float64Array;
  readonly deviationSlope: Float64Array;
}

const leastVariance = 1e-12;
/** Logarithms stay within these, where covariances can still be inverted. */
const bounds: Box = { low: Math.log(1e-6), high: Math.log(1e4) };

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
    return { mean, deviation: Math.sqrt(Math.max(scale - known, leastVariance)) };
  }

  /** What is expected of a place, and how that changes around it. */
  predictSlopes(place: Float64Array): PredictionSlopes {
    const { inverseSquares, scale } = this.settings;
    const squared = this.#places.map((other) => scaledDistance(inverseSquares, place, other));
    const covariance = Float64Array.from(squared, (each) => scale * matern(each));
    const gains = solveUpper(this.#lower, solveLower(this.#lower, covariance));
    const meanSlope = new Float64Array(place.length);
    const varianceSlope = new Float64Array(place.length);
    let [mean, variance] = [0, scale];
    for (const [i, other] of this.#places.entries()) {
      mean += covariance[i]! * this.#weights[i]!;
      variance -= covariance[i]! * gains[i]!;
      const slope = 2 * scale * maternSlope(squared[i]!);
      for (let d = 0; d < place.length; d++) {
        const change = slope * inverseSquares[d]! * (place[d]! - other[d]!);
        meanSlope[d]! += change * this.#weights[i]!;
        varianceSlope[d]! -= 2 * change * gains[i]!;
      }
    }
    const deviation = Math.sqrt(Math.max(variance, leastVariance));
    const isKnown = variance <= leastVariance;
    const deviationSlope = varianceSlope.map((each) => (isKnown ? 0 : each / (2 * deviation)));
    return { mean, deviation, meanSlope, deviationSlope };
  }
}

/** The most probable numbers of a kernel. */
export function fitKernel(
  places: readonly Float64Array[],
  values: Float64Array,
  dimensions: number,
): KernelSettings {
  const start = toLogs({
    inverseSquares: new Float64Array(dimensions).fill(1),
    scale: 1,
    noise: 0.01,
  });
  const { place } = minimiseInBox(
    (logs) => {
      const found = logPosterior(fromLogs(logs), places, values);
      return found && { value: -found.value, gradient: found.gradient.map((each) => -each) };
    },
    start,
    bounds,
    { tolerance: 0.01 },
  );
  return fromLogs(place);
}
