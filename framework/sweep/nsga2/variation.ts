import type { RandomStream } from "../../base/random.ts";

/** How near to its parents a child is, η_c: farther than the paper's 20, as sweeps are short. */
const crossoverIndex = 5;
/** Likewise of a number that moves, η_m: the paper's. */
const mutationIndex = 20;

/**
 * A child of two numbers: near to one of them, as far from it as these are from each other allows.
 * Simulated binary crossover, bounded.
 *
 * Source: Deb & Agrawal 1995, "Simulated binary crossover for continuous search space"; Deb, Pratap,
 * Agarwal & Meyarivan 2002, section V.
 *
 * @param a in [0, 1]
 * @param b in [0, 1]
 * @returns in [0, 1]
 */
export function crossedNumber(a: number, b: number, stream: RandomStream): number {
  const [low, high] = [Math.min(a, b), Math.max(a, b)];
  const u = stream.uniform();
  const isLow = stream.uniform() < 0.5;
  const gap = high - low;
  if (gap < 1e-12) return a;
  const room = isLow ? low : 1 - high;
  const spread = spreadFactor(u, 1 + (2 * room) / gap);
  const child = (low + high + (isLow ? -spread : spread) * gap) / 2;
  return Math.min(1, Math.max(0, child));
}

/** β_q. @param most how far apart children may be, in parts of their parents' distance */
function spreadFactor(u: number, most: number): number {
  const power = crossoverIndex + 1;
  const alpha = 2 - most ** -power;
  const ratio = u <= 1 / alpha ? u * alpha : 1 / (2 - u * alpha);
  return ratio ** (1 / power);
}

/**
 * A number that has moved a little, seldom far. Polynomial mutation, bounded.
 *
 * Source: Deb & Goyal 1996, "A combined genetic adaptive search (GeneAS) for engineering design".
 *
 * @param x in [0, 1]
 * @returns in [0, 1]
 */
export function mutatedNumber(x: number, stream: RandomStream): number {
  const power = mutationIndex + 1;
  const u = stream.uniform();
  const moved =
    u < 0.5
      ? x + (2 * u + (1 - 2 * u) * (1 - x) ** power) ** (1 / power) - 1
      : x + 1 - (2 * (1 - u) + (2 * u - 1) * x ** power) ** (1 / power);
  return Math.min(1, Math.max(0, moved));
}
