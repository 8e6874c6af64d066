import * as tf from "@tensorflow/tfjs";

/**
 * Mean squared difference of each position's features.
 *
 * Source: Romero et al. 2015 (FitNets), arXiv:1412.6550, eq. 3, as a mean over features.
 *
 * @param student `[..., features]`, projected to the teacher's width where it has another
 * @param teacher the same shape
 * @returns `[...]`
 */
export function hiddenSquaredError(student: tf.Tensor, teacher: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.squaredDifference(student, teacher).mean(-1));
}

/**
 * 1 - cosine of the angle between each position's features: 0 where they point the same way.
 *
 * Source: Sanh et al. 2019 (DistilBERT), arXiv:1910.01108, section 2.
 *
 * @param student `[..., features]`
 * @param teacher the same shape
 * @returns `[...]`
 */
export function hiddenCosineDistance(student: tf.Tensor, teacher: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const squared = (x: tf.Tensor): tf.Tensor => x.square().sum(-1);
    const product = student.mul(teacher).sum(-1);
    const norms = squared(student).mul(squared(teacher)).maximum(smallestSquare).sqrt();
    return tf.scalar(1).sub(product.div(norms));
  });
}

/** Keeps a state of zeros from being divided by. */
const smallestSquare = 1e-16;
