import type { SchedulerConfig } from "../schedulerConfig.ts";
import { usesFreshNoise } from "./combination.ts";
import { samplers } from "./index.ts";
import type { PlanOptions, SamplerPlan } from "./samplerPlan.ts";

/**
 * What the sampler of a config does in a run.
 *
 * @throws {RangeError} when steps or eta do not fit the sampler
 */
export function planSampling(
  config: SchedulerConfig,
  { steps, skip = 0, eta = 0 }: Pick<PlanOptions, "steps"> & Partial<PlanOptions>,
): SamplerPlan {
  const { _class_name: name } = config;
  if (!(eta >= 0)) throw new RangeError(`Cannot sample: eta must be >= 0, got ${eta}`);
  if (eta > 0 && name !== "DDIMScheduler") {
    throw new RangeError(
      `Cannot sample: eta ${eta} is an option of DDIM, the model has ${name}; set eta to 0, or take DDIMScheduler`,
    );
  }
  const plan = samplers[name](config, { steps, skip, eta });
  if (!Number.isInteger(skip) || skip < 0 || skip >= steps) {
    throw new RangeError(
      `Cannot sample: expected to skip an integer from 0 to ${steps - 1} of ${steps} steps, got ${skip}`,
    );
  }
  checkFinite(plan, name);
  return plan;
}

/** A model that was trained down to pure noise may be asked for what is divided by its signal. */
function checkFinite({ calls }: SamplerPlan, name: string): void {
  const bad = calls.find(
    ({ level, inputScale, next }) =>
      ![level.signalScale, level.noiseScale, inputScale, ...next.flat()].every(Number.isFinite),
  );
  if (bad === undefined) return;
  throw new RangeError(
    `Cannot sample with ${name}: it divides by zero at timestep ${bad.timestep}, where this model has pure noise; take DDIMScheduler`,
  );
}

/** Whether a run needs noise besides what it starts with. */
export function isStochastic({ calls }: SamplerPlan): boolean {
  return calls.some(({ next }) => next.some(usesFreshNoise));
}

/**
 * How many steps to skip so that an image keeps its structure.
 *
 * Source: Meng et al. 2021, arXiv:2108.01073, section 3 (its t0 is the strength).
 *
 * @param strength in (0, 1]: the share of the steps that is done; 1 starts from nearly pure noise
 * @throws {RangeError} when no step is left
 */
export function stepsToSkip(steps: number, strength: number): number {
  const done = Math.min(Math.floor(steps * strength), steps);
  if (strength <= 1 && done >= 1) return steps - done;
  throw new RangeError(
    `Cannot sample: expected a strength from ${1 / steps} to 1, so that at least one of ${steps} steps is done, got ${strength}`,
  );
}
