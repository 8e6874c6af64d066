import type { BetaSchedule } from "./betaSchedule.ts";
import { linear } from "./linear.ts";
import { scaledLinear } from "./scaledLinear.ts";
import { squaredCosine } from "./squaredCosine.ts";

/** The published names of noise schedules. */
export type BetaScheduleName = "linear" | "scaled_linear" | "squaredcos_cap_v2";

/** Every noise schedule that a scheduler config can name. */
export const betaSchedules: Readonly<Record<BetaScheduleName, BetaSchedule>> = {
  linear,
  scaled_linear: scaledLinear,
  squaredcos_cap_v2: squaredCosine,
};
