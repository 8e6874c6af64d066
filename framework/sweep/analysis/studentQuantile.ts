import { betaQuantile } from "../betaQuantile.ts";

/**
 * Inverse of the distribution function of Student's t.
 *
 * Source: Abramowitz & Stegun 1964, 26.7.1: freedom / (freedom + t²) has a beta distribution.
 *
 * @param u in (0, 1)
 * @param freedom degrees of freedom, at least 1
 */
export function studentQuantile(u: number, freedom: number): number {
  const tail = Math.min(u, 1 - u);
  const x = betaQuantile(2 * tail, freedom / 2, 0.5);
  const t = Math.sqrt(Math.max(0, freedom * (1 / x - 1)));
  return u < 0.5 ? -t : t;
}
