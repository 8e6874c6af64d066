import type { BetaSchedule } from "./betaSchedule.ts";
import { linear } from "./linear.ts";

/**
 * Betas whose square roots grow linearly: what Stable Diffusion was trained with.
 *
 * Source: Rombach et al. 2021, arXiv:2112.10752 (the paper's code calls it linear).
 */
export const scaledLinear: BetaSchedule = ({ steps, start, end }) =>
  linear({ steps, start: Math.sqrt(start), end: Math.sqrt(end) }).map((root) => root * root);
