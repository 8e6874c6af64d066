import {
  schedulerClasses,
  schedulerClassNames,
  type SchedulerClass,
  type SchedulerOptions,
} from "./schedulerClasses.ts";
import type { KeyReader } from "./schedulerKeys.ts";

type ReadOption<Value> = (read: KeyReader, key: string) => Value;

const varianceTypes = ["fixed_small", "fixed_small_log", "fixed_large"] as const;

const flag = (read: KeyReader, key: string): boolean => read.boolean(key, false);
const positive = (read: KeyReader, key: string): number => read.number(key, 1e-12, 1e12, 1);

/** How each option is read where it is given. */
const readers: { readonly [Key in keyof SchedulerOptions]: ReadOption<SchedulerOptions[Key]> } = {
  thresholding: flag,
  dynamic_thresholding_ratio: (read, key) => read.number(key, 1e-12, 1, 0.995),
  sample_max_value: (read, key) => read.number(key, 1, 1e12, 1),
  variance_type: (read, key) => read.word(key, varianceTypes, "fixed_small"),
  skip_prk_steps: flag,
  use_karras_sigmas: flag,
  use_exponential_sigmas: flag,
  use_lu_lambdas: flag,
  sigma_min: positive,
  sigma_max: positive,
  interpolation_type: (read, key) => read.word(key, ["linear", "log_linear"], "linear"),
  final_sigmas_type: (read, key) => read.word(key, ["zero", "sigma_min"], "zero"),
  solver_order: (read, key) => read.number(key, 1, 3, 2, true),
  solver_type: (read, key) => read.word(key, ["midpoint", "heun", "bh1", "bh2"], "midpoint"),
  algorithm_type: (read, key) =>
    read.word(key, ["dpmsolver++", "dpmsolver", "sde-dpmsolver++", "sde-dpmsolver"], "dpmsolver++"),
  lower_order_final: flag,
  euler_at_final: flag,
  lambda_min_clipped: (read, key) => read.number(key, -Infinity, 1e12, 0),
  predict_x0: flag,
  disable_corrector: (read, key) => read.indices(key),
  original_inference_steps: (read, key) => read.number(key, 1, 1e6, 50, true),
  timestep_scaling: positive,
};

/** Keys of later versions that we accept only with the value that changes nothing. */
const neutralValues: Readonly<Record<string, unknown>> = {
  timestep_type: "discrete",
  flow_shift: 1,
  time_shift_type: "exponential",
  predict_epsilon: true,
};

const isOption = (key: string): key is keyof SchedulerOptions => key in readers;

/**
 * The options of a class that are given; those that only other classes have mean nothing to it.
 *
 * @param known keys that are read elsewhere
 * @throws {InputError} naming the key that is wrong, or that nothing here supports
 */
export function readSchedulerOptions(
  read: KeyReader,
  className: SchedulerClass,
  known: readonly string[],
): Partial<SchedulerOptions> {
  const { options } = schedulerClasses[className];
  for (const key of read.names()) {
    if (isOption(key) || known.includes(key) || key.startsWith("_")) continue;
    read.refuse(key, neutralValues[key] ?? false);
  }
  const given = options.filter((key) => read.has(key));
  return Object.fromEntries(given.map((key) => [key, readers[key](read, key)]));
}

/**
 * Refuses what no sampler can do.
 *
 * @throws {InputError} naming the keys
 */
export function checkSchedulerOptions(
  read: KeyReader,
  config: Partial<SchedulerOptions> & {
    readonly _class_name: SchedulerClass;
    readonly prediction_type: string;
    readonly timestep_spacing: string;
    readonly rescale_betas_zero_snr: boolean;
  },
): void {
  const { _class_name: name, algorithm_type: algorithm = "dpmsolver++", solver_order = 2 } = config;
  const { final_sigmas_type: end = "zero", lower_order_final = true } = config;
  const solves = name === "DPMSolverMultistepScheduler";
  const endsClean = end === "zero" && (solves || name === "UniPCMultistepScheduler");
  if (config.rescale_betas_zero_snr && config.prediction_type === "epsilon") {
    throw read.error(
      "rescale_betas_zero_snr needs prediction_type v_prediction or sample, because pure noise tells nothing of the sample",
    );
  }
  if (name === "PNDMScheduler" && config.prediction_type === "sample") {
    throw read.error("PNDMScheduler needs prediction_type epsilon or v_prediction, got sample");
  }
  if (config.use_karras_sigmas === true && config.use_exponential_sigmas === true) {
    throw read.error("use_karras_sigmas and use_exponential_sigmas exclude each other");
  }
  if (endsClean && solves && !algorithm.endsWith("++")) {
    throw read.error(
      `algorithm_type "${algorithm}" needs final_sigmas_type "sigma_min", because it extrapolates noise`,
    );
  }
  if (endsClean && !solves && (!lower_order_final || config.predict_x0 === false)) {
    throw read.error(
      'UniPCMultistepScheduler needs final_sigmas_type "sigma_min" unless lower_order_final and predict_x0 are true',
    );
  }
  if (config.lambda_min_clipped !== undefined && config.timestep_spacing === "trailing") {
    throw read.error('lambda_min_clipped needs timestep_spacing "linspace" or "leading"');
  }
  if (solves && algorithm.startsWith("sde-") && solver_order === 3) {
    throw read.error(`solver_order 3 needs an algorithm_type without noise, got "${algorithm}"`);
  }
}

/** @throws {InputError} for a class whose sampler we do not have */
export function readSchedulerClass(read: KeyReader): SchedulerClass {
  return read.word("_class_name", schedulerClassNames, "DDIMScheduler");
}
