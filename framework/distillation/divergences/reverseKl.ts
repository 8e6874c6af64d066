import * as tf from "@tensorflow/tfjs";

import { checkLogits, klDivergence, logProbabilities, type Divergence } from "./divergence.ts";

/**
 * KL(student || teacher): the student says nothing that the teacher would not, and may leave out
 * much of what it would.
 *
 * Source: Gu et al. 2024 (MiniLLM), arXiv:2306.08543, eq. 1.
 */
export const reverseKl: Divergence = (student, teacher, temperature) => {
  checkLogits(student, teacher, temperature);
  return tf.tidy(() =>
    klDivergence(logProbabilities(student, temperature), logProbabilities(teacher, temperature)),
  );
};
