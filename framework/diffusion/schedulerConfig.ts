import { InputError } from "../base/errors.ts";
import type { BetaScheduleName } from "./noiseSchedules/index.ts";

/** What the network's output means. */
export type PredictionType = "epsilon" | "v_prediction" | "sample";

/** Which timesteps a sampler visits. */
export type TimestepSpacing = "leading" | "trailing" | "linspace";

/** The keys of diffusers' `scheduler_config.json` that we read and write. */
export interface SchedulerConfig {
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

/** What diffusers' DDIM takes for a key that is not given. */
const publishedDefaults: SchedulerConfig = {
  ...stableDiffusionSchedule,
  beta_start: 0.0001,
  beta_end: 0.02,
  beta_schedule: "linear",
  clip_sample: true,
  set_alpha_to_one: true,
  steps_offset: 0,
};

/** Classes that clip unless told not to; the others never do, and have no such key. */
const clipByDefault = ["DDIMScheduler", "DDPMScheduler"];

/**
 * Reads `scheduler_config.json`, whatever sampler it was written for: the training process is the
 * same. Absent keys take the published defaults.
 *
 * @param source where the config comes from, for messages
 * @throws {InputError} naming the key that is wrong or not supported
 */
export function readSchedulerConfig(config: object, source = "scheduler config"): SchedulerConfig {
  const read = new Reader(new Map(Object.entries(config)), source);
  const defaults = publishedDefaults;
  read.refuse("trained_betas");
  read.refuse("thresholding");
  const className = read.className();
  const result: SchedulerConfig = {
    num_train_timesteps: read.number("num_train_timesteps", 1, 1e6, 1000, true),
    beta_start: read.number("beta_start", 1e-12, 0.999, defaults.beta_start),
    beta_end: read.number("beta_end", 1e-12, 0.999, defaults.beta_end),
    beta_schedule: read.word("beta_schedule", scheduleNames, defaults.beta_schedule),
    prediction_type: read.word("prediction_type", predictionTypes, defaults.prediction_type),
    clip_sample: read.boolean("clip_sample", clipByDefault.includes(className)),
    clip_sample_range: read.number("clip_sample_range", 1e-12, 1e12, defaults.clip_sample_range),
    set_alpha_to_one: read.boolean("set_alpha_to_one", className !== "PNDMScheduler"),
    steps_offset: read.number("steps_offset", 0, 1e6, defaults.steps_offset, true),
    timestep_spacing: read.word("timestep_spacing", spacings, defaults.timestep_spacing),
    rescale_betas_zero_snr: read.boolean("rescale_betas_zero_snr", false),
  };
  if (result.rescale_betas_zero_snr && result.prediction_type === "epsilon") {
    throw new InputError(
      `Cannot read ${source}: rescale_betas_zero_snr needs prediction_type v_prediction or sample, because pure noise tells nothing of the sample`,
    );
  }
  return result;
}

/** The content of `scheduler_config.json`. */
export function schedulerConfigJson(config: SchedulerConfig): Readonly<Record<string, unknown>> {
  return { _class_name: "DDIMScheduler", ...config, trained_betas: null };
}

const predictionTypes: readonly PredictionType[] = ["epsilon", "v_prediction", "sample"];
const spacings: readonly TimestepSpacing[] = ["leading", "trailing", "linspace"];
const scheduleNames: readonly BetaScheduleName[] = ["linear", "scaled_linear", "squaredcos_cap_v2"];

class Reader {
  readonly #entries: ReadonlyMap<string, unknown>;
  readonly #source: string;

  constructor(entries: ReadonlyMap<string, unknown>, source: string) {
    this.#entries = entries;
    this.#source = source;
  }

  className(): string {
    const name = this.#entries.get("_class_name");
    return typeof name === "string" ? name : "DDIMScheduler";
  }

  number(key: string, least: number, most: number, fallback: number, integer = false): number {
    const value = this.#entries.get(key) ?? fallback;
    const fits = typeof value === "number" && value >= least && value <= most;
    if (fits && (!integer || Number.isInteger(value))) return value;
    throw this.#problem(key, `${integer ? "an integer" : "a number"} from ${least} to ${most}`);
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.#entries.get(key) ?? fallback;
    if (typeof value === "boolean") return value;
    throw this.#problem(key, "true or false");
  }

  word<Word extends string>(key: string, words: readonly Word[], fallback: Word): Word {
    const value = this.#entries.get(key) ?? fallback;
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw this.#problem(key, words.map((word) => `"${word}"`).join(" or "));
  }

  /** Accepts a key that we do not implement only where it asks for nothing. */
  refuse(key: string): void {
    const value = this.#entries.get(key) ?? false;
    if (value !== false) throw this.#problem(key, "null or false; anything else is not supported");
  }

  #problem(key: string, expected: string): InputError {
    const got = JSON.stringify(this.#entries.get(key));
    return new InputError(
      `Cannot read ${this.#source}: key "${key}": expected ${expected}, got ${got}`,
    );
  }
}
