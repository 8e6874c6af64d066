import { levelAt } from "../forwardProcess.ts";
import { alphaAt, createNoiseSchedule } from "../noiseSchedule.ts";
import type { SchedulerConfig } from "../schedulerConfig.ts";
import { combine, termsOf } from "./combination.ts";
import type { PlanSampler } from "./samplerPlan.ts";

/** Standard deviation of the data that the consistency function was parametrized for. */
const dataDeviation = 0.5;

/**
 * Multistep sampling of a latent consistency model: the clean sample at once, noised again.
 *
 * Source: Luo et al. 2023, arXiv:2310.04378, algorithm 3 and eq. 9; Song et al. 2023,
 * arXiv:2303.01469, appendix C, for the boundary condition.
 */
export const lcm: PlanSampler = (config, { steps, skip }) => {
  const schedule = createNoiseSchedule(config);
  const timesteps = lcmTimesteps(config, steps);
  const terms = termsOf(0);
  const calls = timesteps.map((timestep, step) => {
    const scaled = timestep * (config.timestep_scaling ?? 10);
    const variance = scaled ** 2 + dataDeviation ** 2;
    const clean = combine(
      [scaled / Math.sqrt(variance), terms.sample],
      [dataDeviation ** 2 / variance, terms.latents],
    );
    const next = timesteps[step + 1];
    const alpha = next === undefined ? 1 : alphaAt(schedule, next);
    const latents = combine([Math.sqrt(alpha), clean], [Math.sqrt(1 - alpha), terms.fresh]);
    const level = levelAt(schedule, timestep);
    return { step, timestep, level, inputScale: 1, next: [latents] };
  });
  return { startScale: 1, memories: 0, calls: calls.slice(skip) };
};

/**
 * Evenly chosen among the timesteps of distillation, falling.
 *
 * @throws {RangeError} when there are not so many
 */
function lcmTimesteps(config: SchedulerConfig, steps: number): number[] {
  const { num_train_timesteps: train, original_inference_steps: distilled = 50 } = config;
  const most = Math.min(distilled, train);
  if (!Number.isInteger(steps) || steps < 1 || steps > most) {
    throw new RangeError(
      `Cannot sample: steps must be an integer from 1 to ${most}, what the model was distilled for, got ${steps}`,
    );
  }
  const stride = Math.floor(train / most);
  return Array.from(
    { length: steps },
    (_, step) => (most - Math.floor((step * most) / steps)) * stride - 1,
  );
}
