import * as tf from "@tensorflow/tfjs";

import { checkLogits, klDivergence, logProbabilities, type Divergence } from "./divergence.ts";

/**
 * KL(teacher || student): the student covers all that the teacher would say.
 *
 * Source: Hinton, Vinyals & Dean 2015, arXiv:1503.02531, section 2.
 */
export const forwardKl: Divergence = (student, teacher, temperature) => {
  checkLogits(student, teacher, temperature);
  return tf.tidy(() =>
    klDivergence(logProbabilities(teacher, temperature), logProbabilities(student, temperature)),
  );
};
