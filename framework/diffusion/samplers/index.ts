import type { SchedulerClass } from "../schedulerClasses.ts";
import { ddim } from "./ddim.ts";
import { ddpm } from "./ddpm.ts";
import { dpmSolver } from "./dpmSolver.ts";
import { euler } from "./euler.ts";
import { eulerAncestral } from "./eulerAncestral.ts";
import { heun } from "./heun.ts";
import { lcm } from "./lcm.ts";
import { lms } from "./lms.ts";
import { pndm } from "./pndm.ts";
import type { PlanSampler } from "./samplerPlan.ts";
import { uniPc } from "./uniPc.ts";

/** Every sampler, by the class that selects it. */
export const samplers: Readonly<Record<SchedulerClass, PlanSampler>> = {
  DDPMScheduler: ddpm,
  DDIMScheduler: ddim,
  PNDMScheduler: pndm,
  EulerDiscreteScheduler: euler,
  EulerAncestralDiscreteScheduler: eulerAncestral,
  HeunDiscreteScheduler: heun,
  LMSDiscreteScheduler: lms,
  DPMSolverMultistepScheduler: dpmSolver,
  UniPCMultistepScheduler: uniPc,
  LCMScheduler: lcm,
};
