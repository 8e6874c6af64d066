import { combine, termsOf } from "./combination.ts";
import type { PlanSampler } from "./samplerPlan.ts";
import { derivative, sigmaPoint, sigmaSteps, startScale } from "./sigmaSteps.ts";

/**
 * Straight steps to less noise than the next sigma has, and fresh noise up to it.
 *
 * Source: Song et al. 2020, arXiv:2011.13456, appendix F (ancestral sampling of the
 * variance-exploding process), with Euler's step for the mean.
 */
export const eulerAncestral: PlanSampler = (config, { steps, skip }) => {
  const { timesteps, sigmas } = sigmaSteps(config, steps);
  const terms = termsOf(0);
  const calls = timesteps.map((timestep, step) => {
    const [sigma, next] = [sigmas[step]!, sigmas[step + 1]!];
    const fresh = (next / sigma) * Math.sqrt(Math.max(sigma ** 2 - next ** 2, 0));
    const down = Math.sqrt(Math.max(next ** 2 - fresh ** 2, 0));
    const latents = combine(
      [1, terms.latents],
      [down - sigma, derivative(sigma, terms)],
      [fresh, terms.fresh],
    );
    return { ...sigmaPoint(timestep, sigma), step, next: [latents] };
  });
  return { startScale: startScale(config, sigmas), memories: 0, calls: calls.slice(skip) };
};
