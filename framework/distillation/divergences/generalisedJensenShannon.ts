import * as tf from "@tensorflow/tfjs";

import { checkLogits, klDivergence, logProbabilities, type Divergence } from "./divergence.ts";

/**
 * beta KL(teacher || mixture) + (1 - beta) KL(student || mixture), of the mixture
 * beta teacher + (1 - beta) student. For small beta its gradient is that of the forward divergence
 * times beta, near 1 that of the reverse one times 1 - beta.
 *
 * Source: Agarwal et al. 2024 (GKD), arXiv:2306.13649, eq. 1.
 *
 * @param beta in (0, 1)
 * @throws {RangeError} when beta is not
 */
export function generalisedJensenShannon(beta: number): Divergence {
  if (!(beta > 0 && beta < 1)) {
    throw new RangeError(
      `Cannot mix student and teacher: expected beta between 0 and 1, got ${beta}; use forwardKl or reverseKl at the ends`,
    );
  }
  return (student, teacher, temperature) => {
    checkLogits(student, teacher, temperature);
    return tf.tidy(() => {
      const logTeacher = logProbabilities(teacher, temperature);
      const logStudent = logProbabilities(student, temperature);
      const logMixture = logAddExp(
        logTeacher.add(Math.log(beta)),
        logStudent.add(Math.log(1 - beta)),
      );
      return klDivergence(logTeacher, logMixture)
        .mul(beta)
        .add(klDivergence(logStudent, logMixture).mul(1 - beta));
    });
  };
}

/** log(exp(a) + exp(b)) where neither exponential need be a number. */
function logAddExp(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return a.maximum(b).add(a.sub(b).abs().neg().exp().log1p());
}
