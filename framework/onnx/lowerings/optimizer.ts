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
  const g = builder.mul(gradient!, gradientScale!);
  const m = builder.add(
    builder.mul(firstMoment!, builder.scalar(beta1)),
    builder.mul(g, builder.scalar(1 - beta1)),
  );
  const v = builder.add(
    builder.mul(secondMoment!, builder.scalar(beta2)),
    builder.mul(builder.mul(g, g), builder.scalar(1 - beta2)),
  );
  const deviation = builder.mul(builder.unary("Sqrt", v), correction2Sqrt!);
  const direction = builder.div(m, builder.add(deviation, builder.scalar(epsilon)));
  const move = builder.mul(direction, builder.mul(learningRate!, correction1!));
  const decay = builder.sub(
    builder.scalar(1),
    builder.mul(learningRate!, builder.scalar(weightDecay)),
  );
  return [builder.sub(builder.mul(parameter!, decay), move), m, v];
};
