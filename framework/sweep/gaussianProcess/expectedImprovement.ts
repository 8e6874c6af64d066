import { logNormalCdf } from "../normalMass.ts";
import type { Prediction, PredictionSlopes } from "./gaussianProcess.ts";
import type { Slope } from "./minimiseInBox.ts";

/**
 * Logarithm of how much below `best` a place is expected to be; of places that hardly can be, too.
 *
 * Source: Jones, Schonlau & Welch 1998, "Efficient global optimization of expensive black-box
 * functions", eq. 15.
 */
export function logExpectedImprovement({ mean, deviation }: Prediction, best: number): number {
  const z = (best - mean) / deviation;
  return Math.log(deviation) + logGain(z);
}

/** The same, with its gradient by the place. */
export function logImprovementSlope(expected: PredictionSlopes, best: number): Slope {
  const { mean, deviation, meanSlope, deviationSlope } = expected;
  const z = (best - mean) / deviation;
  const steepness = Math.exp(logNormalCdf(z) - logGain(z));
  const gradient = meanSlope.map((slope, d) => {
    const widening = deviationSlope[d]!;
    return (widening - steepness * (slope + z * widening)) / deviation;
  });
  return { value: logExpectedImprovement(expected, best), gradient };
}

/** log(φ(z) + z Φ(z)). Far out by its series, φ(z) / z² (1 - 3 / z² + 15 / z⁴). */
function logGain(z: number): number {
  const logDensity = -(z * z) / 2 - Math.log(2 * Math.PI) / 2;
  if (z > -6) return Math.log(Math.exp(logDensity) + z * Math.exp(logNormalCdf(z)));
  const squared = 1 / (z * z);
  return logDensity + Math.log(squared) + Math.log1p(-3 * squared + 15 * squared * squared);
}
