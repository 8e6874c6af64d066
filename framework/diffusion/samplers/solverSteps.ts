import { createNoiseSchedule } from "../noiseSchedule.ts";
import type { SchedulerConfig } from "../schedulerConfig.ts";
import { finalSigma, respacedSigmas, sigmaAt, timestepOf, trainingSigmas } from "../sigmas.ts";
import { roundHalfEven, timestepTable } from "../timestepTable.ts";
import type { SigmaSteps } from "./sigmaSteps.ts";

/**
 * What the exponential integrators visit: whole timesteps, ending without noise or at the noise of
 * timestep 0.
 *
 * @throws {RangeError} when the steps do not fit into the training process
 */
export function solverSteps(config: SchedulerConfig, steps: number): SigmaSteps {
  const schedule = createNoiseSchedule(config);
  const training = trainingSigmas(schedule);
  const range = { largest: training.at(-1)!, smallest: training[0]! };
  const respaced = respacedSigmas(config, steps, range);
  const table = timestepTable({
    steps,
    trainTimesteps: visitedTimesteps(config, training),
    spacing: config.timestep_spacing,
    offset: config.steps_offset,
    openEnd: true,
  });
  const round = roundingOf(config);
  const last = respaced && keepsItsEnd(config) ? respaced.at(-1)! : finalSigma(config, schedule);
  return {
    timesteps: respaced?.map((sigma) => round(timestepOf(training, sigma))) ?? table,
    sigmas: [...(respaced ?? table.map((timestep) => sigmaAt(training, timestep))), last],
  };
}

/** How many timesteps have a log(signal / noise) that is large enough. */
function visitedTimesteps(
  { lambda_min_clipped: least }: SchedulerConfig,
  training: Float64Array,
): number {
  if (least === undefined || least === null) return training.length;
  return training.filter((sigma) => -Math.log(sigma) >= least).length;
}

/** Geometric sigmas, and all of the squared cosine schedule, are published with timesteps cut off. */
function roundingOf(config: SchedulerConfig): (timestep: number) => number {
  const cut =
    config.use_exponential_sigmas === true ||
    (config.beta_schedule === "squaredcos_cap_v2" &&
      config._class_name === "DPMSolverMultistepScheduler");
  return cut ? Math.floor : roundHalfEven;
}

/** UniPC's respaced sigmas end where they end. */
function keepsItsEnd(config: SchedulerConfig): boolean {
  return (
    config._class_name === "UniPCMultistepScheduler" && config.final_sigmas_type === "sigma_min"
  );
}

/** A sigma as the variance-preserving process has it. */
export interface SolverLevel {
  /** Of signal. */
  readonly alpha: number;
  /** Of noise. */
  readonly noise: number;
  /** log(alpha / noise) */
  readonly lambda: number;
}

export function solverLevel(sigma: number): SolverLevel {
  const alpha = 1 / Math.sqrt(sigma ** 2 + 1);
  return { alpha, noise: sigma * alpha, lambda: -Math.log(sigma) };
}
