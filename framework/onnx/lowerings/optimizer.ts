/** @file Optimizer updates, which run in place. The export name is the kernel name. */
import type { Lowering } from "../lowering.ts";

interface AdamWAttributes {
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
}

/**
 * One AdamW update. Scalars: `learningRate`, `correction1` = 1/(1 - beta1^t), `correction2Sqrt` =
 * 1/sqrt(1 - beta2^t), `gradientScale`. Outputs: parameter, first and second moment.
 *
 * Source: Loshchilov & Hutter 2019, arXiv:1711.05101, algorithm 2.
 */
export const SeedbedAdamW: Lowering<AdamWAttributes> = (
  builder,
  inputs,
  { beta1, beta2, epsilon, weightDecay },
) => {
  const { parameter, gradient, firstMoment, secondMoment } = inputs;
  const { learningRate, correction1, correction2Sqrt, gradientScale } = inputs;
  const g = gradient!;
  // What scales a whole array is computed once for all parameters, which share these scalars.
  const one = builder.scalar(1);
  const firstShare = builder.mul(gradientScale!, builder.scalar(1 - beta1));
  const squaredScale = builder.mul(gradientScale!, gradientScale!);
  const secondShare = builder.mul(squaredScale, builder.scalar(1 - beta2));
  const move = builder.div(builder.mul(learningRate!, correction1!), correction2Sqrt!);
  const floor = builder.div(builder.scalar(epsilon), correction2Sqrt!);
  const kept = builder.sub(one, builder.mul(learningRate!, builder.scalar(weightDecay)));

  const m = builder.add(
    builder.mul(firstMoment!, builder.scalar(beta1)),
    builder.mul(g, firstShare),
  );
  const v = builder.add(
    builder.mul(secondMoment!, builder.scalar(beta2)),
    builder.mul(builder.mul(g, g), secondShare),
  );
  const deviation = builder.add(builder.unary("Sqrt", v), floor);
  const step = builder.div(builder.mul(m, move), deviation);
  return [builder.sub(builder.mul(parameter!, kept), step), m, v];
};

/** Where the update of an optimizer begins that is composed of TF.js's own kernels. */
export const SeedbedScaledGradient: Lowering = (builder, { gradient, scale }) =>
  builder.mul(gradient!, scale!);

/**
 * One Lion update. Scalars: `learningRate`, `decay` = learning rate times weight decay,
 * `gradientScale`. Outputs: parameter and momentum. The direction is a mix of the gradient and the
 * new momentum, so that the old one is read by its successor alone.
 *
 * Source: Chen et al. 2023, arXiv:2302.06675, algorithm 2.
 */
export const SeedbedLion: Lowering<{ beta1: number; beta2: number }> = (
  builder,
  { parameter, gradient, momentum, learningRate, decay, gradientScale },
  { beta1, beta2 },
) => {
  const ofMomentum = beta1 / beta2;
  const ofGradient = 1 - beta1 - ofMomentum * (1 - beta2);
  const share = builder.mul(gradientScale!, builder.scalar(1 - beta2));
  const directionShare = builder.mul(gradientScale!, builder.scalar(ofGradient));
  const kept = builder.sub(builder.scalar(1), decay!);

  const next = builder.add(
    builder.mul(momentum!, builder.scalar(beta2)),
    builder.mul(gradient!, share),
  );
  const mixed = builder.add(
    builder.mul(next, builder.scalar(ofMomentum)),
    builder.mul(gradient!, directionShare),
  );
  const step = builder.mul(builder.unary("Sign", mixed), learningRate!);
  return [builder.sub(builder.mul(parameter!, kept), step), next];
};
