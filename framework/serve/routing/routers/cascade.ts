import type { AnswerRouter, JudgedAnswer } from "../router.ts";

export interface CascadeOptions {
  /** Default: 0.25. */
  readonly threshold?: number;
  /** Default: 32. */
  readonly heldTokens?: number;
}

/**
 * How unsure a model is of what it says: 1 less the geometric mean of its tokens' probabilities. An
 * answer that failed scores 1.
 *
 * Source: Jitkrittum et al. 2023, arXiv:2307.02764 (deferral by confidence); the mean over tokens as
 * in Gupta et al. 2024, arXiv:2404.10136.
 */
export function uncertainty({ meanLogProbability, hasFailed }: JudgedAnswer): number {
  return hasFailed ? 1 : 1 - Math.exp(Math.min(0, meanLogProbability));
}

/** The cheapest model answers; where it is unsure, the strong one does so again. */
export function cascade({ threshold = 0.25, heldTokens = 32 }: CascadeOptions = {}): AnswerRouter {
  return { kind: "answer", name: "cascade", threshold, heldTokens, score: uncertainty };
}
