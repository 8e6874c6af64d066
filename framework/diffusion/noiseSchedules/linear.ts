import type { BetaSchedule } from "./betaSchedule.ts";

/**
 * Betas that grow linearly.
 *
 * Source: Ho, Jain & Abbeel 2020, arXiv:2006.11239, section 4.
 */
export const linear: BetaSchedule = ({ steps, start, end }) =>
  Float64Array.from({ length: steps }, (_, step) =>
    steps === 1 ? start : start + ((end - start) * step) / (steps - 1),
  );
