import type { BetaSchedule } from "./betaSchedule.ts";

const offset = 0.008;
const largestBeta = 0.999;

/**
 * Betas whose signal variance falls as a squared cosine; the range's start and end do not matter.
 *
 * Source: Nichol & Dhariwal 2021, arXiv:2102.09672, eq. 17.
 */
export const squaredCosine: BetaSchedule = ({ steps }) => {
  const signal = (time: number): number =>
    Math.cos(((time + offset) / (1 + offset)) * (Math.PI / 2)) ** 2;
  return Float64Array.from({ length: steps }, (_, step) =>
    Math.min(1 - signal((step + 1) / steps) / signal(step / steps), largestBeta),
  );
};
