/** Keys of `scheduler_config.json` that only some classes have. */
export interface SchedulerOptions {
  /** Whether predicted clean samples are cut at a percentile of each; not for latents. */
  thresholding: boolean;
  /** That percentile, in (0, 1]. */
  dynamic_thresholding_ratio: number;
  /** The largest value that thresholding cuts at. */
  sample_max_value: number;
  /** DDPM's variance of a step. */
  variance_type: "fixed_small" | "fixed_small_log" | "fixed_large" | null;
  /** PNDM without its Runge-Kutta steps. */
  skip_prk_steps: boolean;
  use_karras_sigmas: boolean;
  use_exponential_sigmas: boolean;
  use_lu_lambdas: boolean;
  /** Ends of respaced sigmas; null: those of the training process. */
  sigma_min: number | null;
  sigma_max: number | null;
  /** How sigmas between two timesteps are found. */
  interpolation_type: "linear" | "log_linear";
  /** Where the last step ends: without noise, or at the noise of timestep 0. */
  final_sigmas_type: "zero" | "sigma_min";
  solver_order: number;
  /** The first two are DPM-Solver's, the last two UniPC's. */
  solver_type: "midpoint" | "heun" | "bh1" | "bh2";
  algorithm_type: "dpmsolver" | "dpmsolver++" | "sde-dpmsolver" | "sde-dpmsolver++";
  /** Whether the last steps are of lower order. */
  lower_order_final: boolean;
  euler_at_final: boolean;
  /** Timesteps of a smaller log(signal / noise) are not visited; null: all are. */
  lambda_min_clipped: number | null;
  /** Whether UniPC extrapolates clean samples, not noise. */
  predict_x0: boolean;
  /** Steps after which UniPC does not correct. */
  disable_corrector: readonly number[];
  /** Timesteps that a consistency model was distilled at. */
  original_inference_steps: number;
  timestep_scaling: number;
}

/** Every class whose sampler we have. */
export const schedulerClassNames = [
  "DDPMScheduler",
  "DDIMScheduler",
  "PNDMScheduler",
  "EulerDiscreteScheduler",
  "EulerAncestralDiscreteScheduler",
  "HeunDiscreteScheduler",
  "LMSDiscreteScheduler",
  "DPMSolverMultistepScheduler",
  "UniPCMultistepScheduler",
  "LCMScheduler",
] as const;

/** `_class_name` of a scheduler config: it selects the sampler. */
export type SchedulerClass = (typeof schedulerClassNames)[number];

/** What an absent key means to a class, where classes differ, and the options that it has. */
export interface SchedulerClassEntry {
  readonly timestep_spacing: "leading" | "linspace";
  readonly clip_sample?: boolean;
  readonly set_alpha_to_one?: boolean;
  readonly betas?: { readonly start: number; readonly end: number; readonly scaled?: boolean };
  readonly options: readonly (keyof SchedulerOptions)[];
}

const thresholding = ["thresholding", "dynamic_thresholding_ratio", "sample_max_value"] as const;
const respacing = ["use_karras_sigmas", "use_exponential_sigmas"] as const;
const solver = [
  ...thresholding,
  ...respacing,
  "final_sigmas_type",
  "solver_order",
  "solver_type",
  "lower_order_final",
] as const;
const stableDiffusionBetas = { start: 0.00085, end: 0.012 };

/** Defaults by class. Those that have `clip_sample` or `set_alpha_to_one` name it. */
export const schedulerClasses: Readonly<Record<SchedulerClass, SchedulerClassEntry>> = {
  DDPMScheduler: {
    timestep_spacing: "leading",
    clip_sample: true,
    options: [...thresholding, "variance_type"],
  },
  DDIMScheduler: {
    timestep_spacing: "leading",
    clip_sample: true,
    set_alpha_to_one: true,
    options: thresholding,
  },
  PNDMScheduler: {
    timestep_spacing: "leading",
    set_alpha_to_one: false,
    options: ["skip_prk_steps"],
  },
  EulerDiscreteScheduler: {
    timestep_spacing: "linspace",
    options: [...respacing, "sigma_min", "sigma_max", "interpolation_type", "final_sigmas_type"],
  },
  EulerAncestralDiscreteScheduler: { timestep_spacing: "linspace", options: [] },
  HeunDiscreteScheduler: {
    timestep_spacing: "linspace",
    clip_sample: false,
    betas: stableDiffusionBetas,
    options: respacing,
  },
  LMSDiscreteScheduler: { timestep_spacing: "linspace", options: respacing },
  DPMSolverMultistepScheduler: {
    timestep_spacing: "linspace",
    options: [
      ...solver,
      "algorithm_type",
      "euler_at_final",
      "use_lu_lambdas",
      "lambda_min_clipped",
    ],
  },
  UniPCMultistepScheduler: {
    timestep_spacing: "linspace",
    options: [...solver, "predict_x0", "disable_corrector", "sigma_min", "sigma_max"],
  },
  LCMScheduler: {
    timestep_spacing: "leading",
    clip_sample: false,
    set_alpha_to_one: true,
    betas: { ...stableDiffusionBetas, scaled: true },
    options: [...thresholding, "original_inference_steps", "timestep_scaling"],
  },
};
