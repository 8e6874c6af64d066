import { combine, termsOf } from "./combination.ts";
import type { PlanSampler } from "./samplerPlan.ts";
import { derivative, sigmaPoint, sigmaSteps, startScale } from "./sigmaSteps.ts";

const order = 4;

/**
 * Linear multistep: the slopes of up to four steps, as a polynomial of sigma, integrated.
 *
 * Source: Adams-Bashforth on the equation of Karras et al. 2022, arXiv:2206.00364, eq. 3, for
 * uneven steps (Hairer, Nørsett & Wanner, Solving Ordinary Differential Equations I, III.5).
 */
export const lms: PlanSampler = (config, { steps, skip }) => {
  const { timesteps, sigmas } = sigmaSteps(config, steps);
  const terms = termsOf(order - 1);
  const calls = timesteps.slice(skip).map((timestep, index) => {
    const step = skip + index;
    const sigma = sigmas[step]!;
    const slopes = [derivative(sigma, terms), ...terms.memory];
    const nodes = sigmas.slice(step - Math.min(index, order - 1), step + 1).toReversed();
    const weights = integrals(nodes, sigma, sigmas[step + 1]!);
    const latents = combine(
      [1, terms.latents],
      ...weights.map((weight, i) => [weight, slopes[i]!] as const),
    );
    return { ...sigmaPoint(timestep, sigma), step, next: [latents, ...slopes.slice(0, -1)] };
  });
  return { startScale: startScale(config, sigmas), memories: order - 1, calls };
};

/** Integral of each node's Lagrange polynomial; two Gauss points are exact up to degree 3. */
function integrals(nodes: readonly number[], from: number, to: number): number[] {
  const [middle, half] = [(from + to) / 2, (to - from) / 2];
  const points = [middle - half / Math.sqrt(3), middle + half / Math.sqrt(3)];
  return nodes.map((node, index) => {
    const others = nodes.filter((_, i) => i !== index);
    const polynomial = (x: number): number =>
      others.reduce((product, other) => (product * (x - other)) / (node - other), 1);
    return half * points.reduce((sum, point) => sum + polynomial(point), 0);
  });
}
