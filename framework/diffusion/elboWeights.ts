import { betaSchedules } from "./noiseSchedules/index.ts";
import type { SchedulerConfig } from "./schedulerConfig.ts";

/**
 * Weights by timestep that make squared errors of a prediction the variational bound, as the
 * original code has them: of `epsilon` they are the bound's; of `sample` it takes
 * `sqrt(a) / 2 / (2 - a)`, and of `v_prediction` 1. Timestep 0, where the bound has no such weight,
 * takes that of timestep 1.
 *
 * Source: Ho, Jain & Abbeel 2020, arXiv:2006.11239, eq. 12; `lvlb_weights` in the code of Rombach et
 * al. 2021, arXiv:2112.10752.
 */
export function elboWeights(config: SchedulerConfig): Float64Array {
  const { prediction_type: type, num_train_timesteps: steps } = config;
  const { beta_schedule, beta_start: start, beta_end: end } = config;
  const betas = betaSchedules[beta_schedule]({ steps, start, end });
  let product = 1;
  const weights = betas.map((beta) => {
    const before = product;
    product *= 1 - beta;
    switch (type) {
      case "epsilon":
        return beta / (2 * (1 - beta) * (1 - before));
      case "sample":
        return Math.sqrt(product) / 2 / (2 - product);
      case "v_prediction":
        return 1;
      default:
        throw new RangeError(`Cannot weight prediction type ${String(type satisfies never)}`);
    }
  });
  weights[0] = weights[1] ?? 1;
  return weights;
}
