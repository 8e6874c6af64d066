import { createNoiseSchedule } from "../noiseSchedule.ts";
import type { SchedulerConfig } from "../schedulerConfig.ts";
import { finalSigma, respacedSigmas, sigmaAt, timestepOf, trainingSigmas } from "../sigmas.ts";
import { timestepTable } from "../timestepTable.ts";
import { combine, type Combination, type Terms } from "./combination.ts";
import type { CallPoint } from "./samplerPlan.ts";

/** What the samplers of Karras et al. visit. */
export interface SigmaSteps {
  readonly timesteps: readonly number[];
  /** One more than the timesteps: the last is where the run ends. */
  readonly sigmas: readonly number[];
}

/** @throws {RangeError} when the steps do not fit into the training process */
export function sigmaSteps(config: SchedulerConfig, steps: number): SigmaSteps {
  const schedule = createNoiseSchedule(config);
  const training = trainingSigmas(schedule);
  const table = timestepTable({
    steps,
    trainTimesteps: config.num_train_timesteps,
    spacing: config.timestep_spacing,
    offset: config.steps_offset,
    rounded: false,
  });
  const plain = table.map((timestep) => sigmaAt(training, timestep, config.interpolation_type));
  const range = { largest: plain[0]!, smallest: plain.at(-1)! };
  const respaced = respacedSigmas(config, steps, range);
  return {
    timesteps: respaced?.map((sigma) => timestepOf(training, sigma)) ?? table,
    sigmas: [...(respaced ?? plain), finalSigma(config, schedule)],
  };
}

/** Latents whose signal is not scaled down, which the network sees with variance kept. */
export function sigmaPoint(timestep: number, sigma: number): CallPoint {
  const signalScale = 1 / Math.sqrt(sigma ** 2 + 1);
  return {
    timestep,
    inputScale: signalScale,
    level: { signalScale, noiseScale: sigma * signalScale },
  };
}

/**
 * Slope of the latents over sigma.
 *
 * Source: Karras et al. 2022, arXiv:2206.00364, eq. 3.
 */
export function derivative(sigma: number, terms: Terms): Combination {
  return combine([1 / sigma, terms.latents], [-1 / sigma, terms.sample]);
}

/** Deviation of the start noise: leading spacing leaves out the last timesteps, but not their variance. */
export function startScale(
  { timestep_spacing: spacing }: SchedulerConfig,
  sigmas: readonly number[],
): number {
  const largest = Math.max(...sigmas);
  return spacing === "leading" ? Math.sqrt(largest ** 2 + 1) : largest;
}
