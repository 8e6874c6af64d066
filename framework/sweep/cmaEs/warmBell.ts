import type { Bell } from "./evolution.ts";
import { symmetricEigen } from "./symmetricEigen.ts";

/** Part of the earlier places that is good enough: γ. */
const bestShare = 0.1;
/** How far around each of them is good, too: α. */
const reach = 0.1;

/**
 * Where to begin after an earlier search: the bell that is nearest to small round ones around the best
 * tenth of its places.
 *
 * Source: Nomura, Watanabe, Akimoto, Ozaki & Onishi 2021, "Warm starting CMA-ES for hyperparameter
 * optimization", arXiv:2012.06932, with its α and γ.
 *
 * @param places in the unit cube, the best first
 * @param n dimensions
 * @returns undefined when there are no places
 */
export function warmBell(places: readonly Float64Array[], n: number): Bell | undefined {
  const best = places.slice(0, Math.ceil(bestShare * places.length));
  if (best.length === 0) return undefined;
  const mean = Float64Array.from({ length: n }, (_, i) => {
    return best.reduce((sum, place) => sum + place[i]!, 0) / best.length;
  });
  const covariance = Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    const sum = best.reduce(
      (total, place) => total + (place[i]! - mean[i]!) * (place[j]! - mean[j]!),
      0,
    );
    return sum / best.length + (i === j ? reach ** 2 : 0);
  });
  const { values } = symmetricEigen(covariance, n);
  const logVolume = values.reduce((sum, value) => sum + Math.log(value), 0);
  const deviation = Math.exp(logVolume / (2 * n));
  return { mean, deviation, covariance: covariance.map((each) => each / deviation ** 2) };
}
