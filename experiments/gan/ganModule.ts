import * as tf from "@tensorflow/tfjs";
import {
  hostTensor,
  type HostBatch,
  type ManualTrainingModule,
  type OptimizerConfig,
  type RandomStream,
} from "seedbed";

import type { Network } from "./network.ts";
import type { Ring } from "./ring.ts";
import { ringMetrics } from "./ringMetrics.ts";

export interface GanModuleOptions {
  generator: Network;
  discriminator: Network;
  /** Numbers that a point is made from. */
  latents: number;
  /** Weight of the penalty on the discriminator's slope at real points. */
  slopePenalty: number;
  ring: Ring;
  /** One optimizer each, since each has its own moments. */
  optimizers: { generator: OptimizerConfig; discriminator: OptimizerConfig };
}

/**
 * Two networks against each other: one makes points out of noise, the other tells them from real
 * ones. A step trains first the discriminator, then the generator against what it has become.
 *
 * The step's `loss` is the discriminator's. Batches hold `real [batch, 2]`; `prepareBatch` adds
 * `noise` and `otherNoise`, `[batch, latents]`.
 *
 * Source: Goodfellow et al. 2014, arXiv:1406.2661, with the loss of its section 3 that does not
 * saturate; the penalty is R1 of Mescheder et al. 2018, arXiv:1801.04406, eq. 9.
 */
export function ganModule(options: GanModuleOptions): ManualTrainingModule {
  const { generator, discriminator, latents, slopePenalty, ring, optimizers } = options;

  function discriminatorLoss(real: tf.Tensor, noise: tf.Tensor): tf.Scalar {
    const fooled = tf.softplus(discriminator.apply(generator.apply(noise))).mean();
    const missed = tf.softplus(discriminator.apply(real).neg()).mean();
    const slope = tf.grad((x) => discriminator.apply(x).sum())(real);
    const penalty = slope.square().sum(-1).mean();
    return fooled
      .add(missed)
      .add(penalty.mul(slopePenalty / 2))
      .asScalar();
  }

  const generatorLoss = (noise: tf.Tensor): tf.Scalar =>
    tf
      .softplus(discriminator.apply(generator.apply(noise)).neg())
      .mean()
      .asScalar();

  return {
    trainableParameters: () => new Map([...generator.parameters, ...discriminator.parameters]),
    configureOptimizers: () => [
      {
        ...optimizers.discriminator,
        name: "discriminator",
        parameters: discriminator.parameters,
      },
      { ...optimizers.generator, name: "generator", parameters: generator.parameters },
    ],
    prepareBatch: (batch, random) => withNoise(batch, latents, random),
    manualTrainingStep({ real, noise, otherNoise }, { optimizers: [tells, makes] }) {
      return {
        loss: tells!.minimize(() => discriminatorLoss(real!, noise!)),
        generatorLoss: makes!.minimize(() => generatorLoss(otherNoise!)),
      };
    },
    validationStep({ noise }) {
      const measured = ringMetrics(generator.apply(noise!), ring);
      return Object.fromEntries(
        Object.entries(measured).map(([name, value]) => [`val/${name}`, value]),
      );
    },
    predictStep: ({ noise }) => ({ points: generator.apply(noise!) }),
  };
}

function withNoise(batch: HostBatch, latents: number, random: RandomStream): HostBatch {
  const shape = [batch["real"]!.shape[0]!, latents];
  const draw = () => hostTensor(random.normals(shape[0]! * latents), shape);
  return { ...batch, noise: draw(), otherNoise: draw() };
}
