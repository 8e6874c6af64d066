import { levelAt } from "../forwardProcess.ts";
import { alphaAt, createNoiseSchedule } from "../noiseSchedule.ts";
import type { SchedulerConfig } from "../schedulerConfig.ts";
import { timestepTable } from "../timestepTable.ts";
import { combine, termsOf } from "./combination.ts";
import { noiseTerm, type PlanSampler } from "./samplerPlan.ts";

/** The timesteps that DDIM, DDPM and PNDM visit. */
export function publishedTimesteps(config: SchedulerConfig, steps: number): number[] {
  return timestepTable({
    steps,
    trainTimesteps: config.num_train_timesteps,
    spacing: config.timestep_spacing,
    offset: config.steps_offset,
  });
}

/**
 * Steps along the line from the predicted clean sample to the predicted noise.
 *
 * Source: Song, Meng & Ermon 2020, arXiv:2010.02502, eq. 12 and 16.
 */
export const ddim: PlanSampler = (config, { steps, skip, eta }) => {
  const schedule = createNoiseSchedule(config);
  const table = publishedTimesteps(config, steps);
  const stride = Math.floor(config.num_train_timesteps / steps);
  const finalAlpha = config.set_alpha_to_one ? 1 : alphaAt(schedule, 0);
  const terms = termsOf(0);
  const calls = table.map((timestep, step) => {
    const alpha = alphaAt(schedule, timestep);
    const next = timestep - stride;
    const nextAlpha = next >= 0 ? alphaAt(schedule, next) : finalAlpha;
    const deviation = eta * ancestralDeviation(alpha, nextAlpha);
    const point = { timestep, level: levelAt(schedule, timestep), inputScale: 1 };
    const latents = combine(
      [Math.sqrt(nextAlpha), terms.sample],
      [Math.sqrt(Math.max(1 - nextAlpha - deviation ** 2, 0)), noiseTerm(config, point, terms)],
      [deviation, terms.fresh],
    );
    return { ...point, step, next: [latents] };
  });
  return { startScale: 1, memories: 0, calls: calls.slice(skip) };
};

function ancestralDeviation(alpha: number, nextAlpha: number): number {
  return Math.sqrt(((1 - nextAlpha) / (1 - alpha)) * (1 - alpha / nextAlpha));
}
