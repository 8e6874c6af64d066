import type { BetaScheduleName } from "./noiseSchedules/index.ts";
import {
  checkSchedulerOptions,
  readSchedulerClass,
  readSchedulerOptions,
} from "./readSchedulerOptions.ts";
import {
  schedulerClasses,
  type SchedulerClass,
  type SchedulerOptions,
} from "./schedulerClasses.ts";
import { KeyReader } from "./schedulerKeys.ts";

/** What the network's output means. */
export type PredictionType = "epsilon" | "v_prediction" | "sample";

/** Which timesteps a sampler visits. */
export type TimestepSpacing = "leading" | "trailing" | "linspace";

/**
 * The keys of diffusers' `scheduler_config.json`: the training process, what all samplers share,
 * and options of some, which are absent where the file does not give them.
 */
export interface SchedulerConfig extends Partial<SchedulerOptions> {
  /** Selects the sampler. */
  _class_name: SchedulerClass;
  num_train_timesteps: number;
  beta_start: number;
  beta_end: number;
  beta_schedule: BetaScheduleName;
  prediction_type: PredictionType;
  /** Whether predicted clean samples are cut to +-`clip_sample_range`; not for latents. */
  clip_sample: boolean;
  clip_sample_range: number;
  /** Whether the last sampling step ends at no noise (true) or at the noise of timestep 0. */
  set_alpha_to_one: boolean;
  /** Added to every timestep of leading spacing. */
  steps_offset: number;
  timestep_spacing: TimestepSpacing;
  /** Whether the last timestep is pure noise. */
  rescale_betas_zero_snr: boolean;
}

/** Stable Diffusion 1's schedule and DDIM settings. */
export const stableDiffusionSchedule: SchedulerConfig = {
  _class_name: "DDIMScheduler",
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: "scaled_linear",
  prediction_type: "epsilon",
  clip_sample: false,
  clip_sample_range: 1,
  set_alpha_to_one: false,
  steps_offset: 1,
  timestep_spacing: "leading",
  rescale_betas_zero_snr: false,
};

export const predictionTypes: readonly PredictionType[] = ["epsilon", "v_prediction", "sample"];
const spacings: readonly TimestepSpacing[] = ["leading", "trailing", "linspace"];
const scheduleNames: readonly BetaScheduleName[] = ["linear", "scaled_linear", "squaredcos_cap_v2"];

/**
 * Reads `scheduler_config.json`. Absent keys take what the published class does without them.
 *
 * @param source where the config comes from, for messages
 * @throws {InputError} naming the class or key that is wrong or not supported
 */
export function readSchedulerConfig(config: object, source = "scheduler config"): SchedulerConfig {
  const read = new KeyReader(config, source);
  const name = readSchedulerClass(read);
  const defaults = schedulerClasses[name];
  const { start, end, scaled = false } = defaults.betas ?? { start: 0.0001, end: 0.02 };
  const shared = {
    _class_name: name,
    num_train_timesteps: read.number("num_train_timesteps", 1, 1e6, 1000, true),
    beta_start: read.number("beta_start", 1e-12, 0.999, start),
    beta_end: read.number("beta_end", 1e-12, 0.999, end),
    beta_schedule: read.word("beta_schedule", scheduleNames, scaled ? "scaled_linear" : "linear"),
    prediction_type: read.word("prediction_type", predictionTypes, "epsilon"),
    clip_sample:
      defaults.clip_sample !== undefined && read.boolean("clip_sample", defaults.clip_sample),
    clip_sample_range: read.number("clip_sample_range", 1e-12, 1e12, 1),
    set_alpha_to_one: read.boolean("set_alpha_to_one", defaults.set_alpha_to_one ?? true),
    steps_offset: read.number("steps_offset", 0, 1e6, 0, true),
    timestep_spacing: read.word("timestep_spacing", spacings, defaults.timestep_spacing),
    rescale_betas_zero_snr: read.boolean("rescale_betas_zero_snr", false),
  };
  const result = { ...shared, ...readSchedulerOptions(read, name, Object.keys(shared)) };
  checkSchedulerOptions(read, result);
  return result;
}

/** The same training process for another sampler; options that it does not have are dropped. */
export function withSampler(config: SchedulerConfig, className: SchedulerClass): SchedulerConfig {
  return readSchedulerConfig({ ...config, _class_name: className });
}

/** What a network is trained to, where that is not what its scheduler says. */
export interface Retraining {
  readonly predictionType?: PredictionType | undefined;
  /** Whether the last timestep is pure noise. */
  readonly zeroTerminalSnr?: boolean | undefined;
}

/** Classes that cannot begin in pure noise: PNDM divides by the signal, and none has a key for it. */
const neverPureNoise: ReadonlySet<SchedulerClass> = new Set<SchedulerClass>([
  "PNDMScheduler",
  "HeunDiscreteScheduler",
  "LMSDiscreteScheduler",
]);

/**
 * The scheduler of a network that was trained to something else. Where the last timestep becomes pure
 * noise, samplers begin there: timesteps are spaced from the end, and a class that cannot do so
 * becomes DDIM's.
 *
 * Source: Lin et al. 2023, arXiv:2305.08891, sections 3.1 and 3.3.
 *
 * @throws {InputError} where the config rules that out
 */
export function retrainedScheduler(
  config: SchedulerConfig,
  { predictionType, zeroTerminalSnr }: Retraining,
): SchedulerConfig {
  return readSchedulerConfig({
    ...config,
    ...(predictionType !== undefined && { prediction_type: predictionType }),
    ...(zeroTerminalSnr !== undefined && { rescale_betas_zero_snr: zeroTerminalSnr }),
    ...(zeroTerminalSnr === true && { timestep_spacing: "trailing" }),
    ...(zeroTerminalSnr === true &&
      neverPureNoise.has(config._class_name) && { _class_name: "DDIMScheduler" }),
  });
}

/** The content of `scheduler_config.json`. */
export function schedulerConfigJson(config: SchedulerConfig): Readonly<Record<string, unknown>> {
  return { ...config, trained_betas: null };
}
