import { InputError } from "../base/errors.ts";
import type { SchedulerClass, SchedulerOptions } from "./schedulerClasses.ts";
import { readSchedulerConfig, type SchedulerConfig } from "./schedulerConfig.ts";

interface NamedSampler extends Partial<SchedulerOptions> {
  readonly _class_name: SchedulerClass;
}

const plain = { use_karras_sigmas: false, use_exponential_sigmas: false };
const karras = { use_karras_sigmas: true, use_exponential_sigmas: false };
const dpmSolver = { _class_name: "DPMSolverMultistepScheduler", solver_order: 2 } as const;
const multistep = { ...dpmSolver, algorithm_type: "dpmsolver++" } as const;
const stochastic = { ...dpmSolver, algorithm_type: "sde-dpmsolver++" } as const;

/** What people call samplers, and what that is in a scheduler config. */
const namedSamplers: Readonly<Record<string, NamedSampler>> = {
  ddim: { _class_name: "DDIMScheduler" },
  ddpm: { _class_name: "DDPMScheduler" },
  pndm: { _class_name: "PNDMScheduler", skip_prk_steps: true },
  euler: { _class_name: "EulerDiscreteScheduler", ...plain },
  "euler-karras": { _class_name: "EulerDiscreteScheduler", ...karras },
  "euler-a": { _class_name: "EulerAncestralDiscreteScheduler" },
  heun: { _class_name: "HeunDiscreteScheduler", ...plain },
  "heun-karras": { _class_name: "HeunDiscreteScheduler", ...karras },
  lms: { _class_name: "LMSDiscreteScheduler", ...plain },
  "lms-karras": { _class_name: "LMSDiscreteScheduler", ...karras },
  "dpm++-2m": { ...multistep, ...plain },
  "dpm++-2m-karras": { ...multistep, ...karras },
  "dpm++-2m-sde": { ...stochastic, ...plain },
  "dpm++-2m-sde-karras": { ...stochastic, ...karras },
  unipc: { _class_name: "UniPCMultistepScheduler", ...plain },
  lcm: { _class_name: "LCMScheduler" },
};

/** Names that `withNamedSampler` takes. */
export const samplerNames: readonly string[] = Object.keys(namedSamplers);

/**
 * The keys of a scheduler config that a name stands for.
 *
 * @param name in any case; spaces are hyphens
 * @throws {InputError} listing the known names
 */
export function samplerSettings(name: string): object {
  const settings = new Map(Object.entries(namedSamplers)).get(
    name.trim().toLowerCase().replaceAll(/\s+/g, "-"),
  );
  if (settings !== undefined) return settings;
  throw new InputError(`Cannot sample with "${name}": expected one of ${samplerNames.join(", ")}`);
}

/**
 * Reads a `scheduler_config.json` for another sampler. What the file does not say is what that
 * sampler takes without it, as diffusers' `from_config` has it.
 *
 * @param config the file's content as it stands
 * @param name as `samplerSettings` takes it
 * @throws {InputError} when there is no such sampler, or the model cannot be sampled so
 */
export function withNamedSampler(config: object, name: string): SchedulerConfig {
  return readSchedulerConfig(
    { ...config, ...samplerSettings(name) },
    `scheduler config for ${name}`,
  );
}

const labels: Readonly<Record<SchedulerClass, string>> = {
  DDIMScheduler: "DDIM",
  DDPMScheduler: "DDPM",
  PNDMScheduler: "PLMS",
  EulerDiscreteScheduler: "Euler",
  EulerAncestralDiscreteScheduler: "Euler a",
  HeunDiscreteScheduler: "Heun",
  LMSDiscreteScheduler: "LMS",
  DPMSolverMultistepScheduler: "DPM++ 2M",
  UniPCMultistepScheduler: "UniPC",
  LCMScheduler: "LCM",
};

/** What AUTOMATIC1111's stable-diffusion-webui calls a sampler and the spacing of its noise levels. */
export function describeSampler(config: SchedulerConfig): { sampler: string; schedule: string } {
  const { _class_name: name, algorithm_type: algorithm = "dpmsolver++", solver_order = 2 } = config;
  const schedule = scheduleLabel(config);
  if (name !== "DPMSolverMultistepScheduler") return { sampler: labels[name], schedule };
  const family = algorithm.endsWith("++") ? "DPM++" : "DPM";
  const noise = algorithm.startsWith("sde-") ? " SDE" : "";
  return { sampler: `${family} ${solver_order}M${noise}`, schedule };
}

function scheduleLabel(config: SchedulerConfig): string {
  if (config.use_karras_sigmas === true) return "Karras";
  return config.use_exponential_sigmas === true ? "Exponential" : "Uniform";
}
