import { betaSchedules } from "./noiseSchedules/index.ts";
import type { SchedulerConfig } from "./schedulerConfig.ts";

/**
 * How a clean sample turns into noise: at timestep `t` the noisy sample is
 * `sqrt(alphasCumprod[t]) * clean + sqrt(1 - alphasCumprod[t]) * noise`.
 */
export interface NoiseSchedule {
  /** Share of the clean sample in the variance of the noisy one, falling with the timestep. */
  readonly alphasCumprod: Float64Array;
}

/**
 * The schedule that a config describes. Betas, what a step keeps and the products are rounded to
 * float32, as published models were trained: at the first timesteps the last digits of a product
 * decide several of the noise's.
 */
export function createNoiseSchedule(
  config: Pick<
    SchedulerConfig,
    "num_train_timesteps" | "beta_start" | "beta_end" | "beta_schedule" | "rescale_betas_zero_snr"
  >,
): NoiseSchedule {
  const betas = betaSchedules[config.beta_schedule]({
    steps: config.num_train_timesteps,
    start: config.beta_start,
    end: config.beta_end,
  });
  let product = 1;
  const alphasCumprod = betas.map((beta) => (product *= Math.fround(1 - Math.fround(beta))));
  const rescaled = config.rescale_betas_zero_snr
    ? withZeroTerminalSnr(alphasCumprod)
    : alphasCumprod;
  return { alphasCumprod: rescaled.map(Math.fround) };
}

/**
 * Shifts and scales the signal so that the last timestep is pure noise and the first is unchanged.
 *
 * Source: Lin et al. 2023, arXiv:2305.08891, algorithm 1.
 */
function withZeroTerminalSnr(alphasCumprod: Float64Array): Float64Array {
  const first = Math.sqrt(alphasCumprod[0] ?? 1);
  const last = Math.sqrt(alphasCumprod.at(-1) ?? 0);
  return alphasCumprod.map((alpha) => ((Math.sqrt(alpha) - last) * (first / (first - last))) ** 2);
}

/** Share of the clean sample at a timestep. @throws {RangeError} outside the schedule */
export function alphaAt({ alphasCumprod }: NoiseSchedule, timestep: number): number {
  const alpha = alphasCumprod[timestep];
  if (alpha !== undefined) return alpha;
  throw new RangeError(
    `Cannot use timestep ${timestep}: expected an integer from 0 to ${alphasCumprod.length - 1}`,
  );
}
