import type { BetaSchedule } from "./betaSchedule.ts";

/**
 * Betas that grow linearly, counted in float32 from the nearer end, as PyTorch's `linspace` does:
 * a product and a sum are rounded as one.
 *
 * Source: Ho, Jain & Abbeel 2020, arXiv:2006.11239, section 4.
 */
export const linear: BetaSchedule = ({ steps, start, end }) => {
  const [first, last] = [Math.fround(start), Math.fround(end)];
  const stride = Math.fround(Math.fround(last - first) / Math.max(steps - 1, 1));
  return Float64Array.from({ length: steps }, (_, step) =>
    step < steps / 2
      ? Math.fround(first + stride * step)
      : Math.fround(last - stride * (steps - 1 - step)),
  );
};
