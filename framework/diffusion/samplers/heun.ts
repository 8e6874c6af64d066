import { combine, termsOf } from "./combination.ts";
import type { PlanSampler, SamplerCall } from "./samplerPlan.ts";
import { derivative, sigmaPoint, sigmaSteps, startScale } from "./sigmaSteps.ts";

/** Memory: the slope at the beginning of a step, and the latents there. */
const terms = termsOf(2);
const [slope, origin] = [terms.memory[0]!, terms.memory[1]!];

/**
 * Steps by the mean of the slopes at both ends; the last, to no noise, is Euler's.
 *
 * Source: Karras et al. 2022, arXiv:2206.00364, algorithm 1.
 */
export const heun: PlanSampler = (config, { steps, skip }) => {
  const { timesteps, sigmas } = sigmaSteps(config, steps);
  const calls = timesteps.flatMap((timestep, step): SamplerCall[] => {
    const [sigma, nextSigma] = [sigmas[step]!, sigmas[step + 1]!];
    const change = nextSigma - sigma;
    const here = derivative(sigma, terms);
    const straight = combine([1, terms.latents], [change, here]);
    const predict = {
      ...sigmaPoint(timestep, sigma),
      step,
      next: [straight, here, terms.latents],
    };
    const nextTimestep = timesteps[step + 1];
    if (nextTimestep === undefined) return [predict];
    const there = derivative(nextSigma, terms);
    const mean = combine([1, origin], [change / 2, slope], [change / 2, there]);
    const correct = { ...sigmaPoint(nextTimestep, nextSigma), step, next: [mean, slope, origin] };
    return [predict, correct];
  });
  return {
    startScale: startScale(config, sigmas),
    memories: 2,
    calls: calls.filter(({ step }) => step >= skip),
  };
};
