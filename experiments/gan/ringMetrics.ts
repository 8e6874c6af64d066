import * as tf from "@tensorflow/tfjs";

import { centresOf, type Ring } from "./ring.ts";

/** A point further from every centre belongs to none, in deviations. */
const reach = 3;
/** A mode counts as found when it has this part of its fair share. */
const foundShare = 0.25;

/** How points `[count, 2]` cover a ring. */
export interface RingMetrics extends Record<string, tf.Scalar> {
  /** Modes that are found. */
  modes: tf.Scalar;
  /** Share of points near a centre; 0.989 for the ring itself. */
  nearCentres: tf.Scalar;
  /** Divergence of the found points' modes from equal shares, in nats; 0 is best. */
  imbalance: tf.Scalar;
}

/**
 * Source for the two counts: Srivastava et al. 2017, "VEEGAN", arXiv:1705.07761, section 5.1,
 * where any point finds its mode.
 */
export function ringMetrics(points: tf.Tensor, ring: Ring): RingMetrics {
  return tf.tidy(() => {
    const centres = tf.tensor2d(centresOf(ring).map(([x, y]) => [x, y]));
    const squares = points.expandDims(1).sub(centres.expandDims(0)).square().sum(-1);
    const near = squares.less((reach * ring.deviation) ** 2).toFloat();
    const counts = near.sum(0);
    const found = counts.greaterEqual((foundShare * points.shape[0]!) / ring.modes);
    const shares = counts.div(counts.sum().maximum(1));
    return {
      modes: found.toFloat().sum().asScalar(),
      nearCentres: near.sum().div(points.shape[0]!).asScalar(),
      imbalance: shares.mul(shares.mul(ring.modes).maximum(1e-12).log()).sum().asScalar(),
    };
  });
}
