import { combine, termsOf } from "./combination.ts";
import type { PlanSampler } from "./samplerPlan.ts";
import { derivative, sigmaPoint, sigmaSteps, startScale } from "./sigmaSteps.ts";

/**
 * Straight steps in sigma.
 *
 * Source: Karras et al. 2022, arXiv:2206.00364, algorithm 2 without churn and correction.
 */
export const euler: PlanSampler = (config, { steps, skip }) => {
  const { timesteps, sigmas } = sigmaSteps(config, steps);
  const terms = termsOf(0);
  const calls = timesteps.map((timestep, step) => {
    const sigma = sigmas[step]!;
    const change = sigmas[step + 1]! - sigma;
    const latents = combine([1, terms.latents], [change, derivative(sigma, terms)]);
    return { ...sigmaPoint(timestep, sigma), step, next: [latents] };
  });
  return { startScale: startScale(config, sigmas), memories: 0, calls: calls.slice(skip) };
};
