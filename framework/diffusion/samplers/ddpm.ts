import { levelAt } from "../forwardProcess.ts";
import { alphaAt, createNoiseSchedule } from "../noiseSchedule.ts";
import type { SchedulerConfig } from "../schedulerConfig.ts";
import { combine, termsOf } from "./combination.ts";
import { publishedTimesteps } from "./ddim.ts";
import type { PlanSampler } from "./samplerPlan.ts";

/** Below this, the posterior's variance is taken to be it. */
const leastVariance = 1e-20;

/**
 * Draws from the posterior of the training process, between the timesteps that are visited.
 *
 * Source: Ho, Jain & Abbeel 2020, arXiv:2006.11239, eq. 6, 7 and 11.
 */
export const ddpm: PlanSampler = (config, { steps, skip }) => {
  const schedule = createNoiseSchedule(config);
  const table = publishedTimesteps(config, steps);
  const terms = termsOf(0);
  const calls = table.map((timestep, step) => {
    const alpha = alphaAt(schedule, timestep);
    const next = table[step + 1];
    const nextAlpha = next === undefined ? 1 : alphaAt(schedule, next);
    const beta = 1 - alpha / nextAlpha;
    const latents = combine(
      [(Math.sqrt(nextAlpha) * beta) / (1 - alpha), terms.sample],
      [(Math.sqrt(1 - beta) * (1 - nextAlpha)) / (1 - alpha), terms.latents],
      [timestep === 0 ? 0 : deviation(config, alpha, nextAlpha), terms.fresh],
    );
    return {
      step,
      timestep,
      level: levelAt(schedule, timestep),
      inputScale: 1,
      next: [latents],
    };
  });
  return { startScale: 1, memories: 0, calls: calls.slice(skip) };
};

/** Section 3.2 of the paper: both choices of the variance, and the published third. */
function deviation(
  { variance_type: type }: SchedulerConfig,
  alpha: number,
  nextAlpha: number,
): number {
  const beta = 1 - alpha / nextAlpha;
  const posterior = Math.max(((1 - nextAlpha) / (1 - alpha)) * beta, leastVariance);
  return Math.sqrt(type === "fixed_large" ? beta : posterior);
}
