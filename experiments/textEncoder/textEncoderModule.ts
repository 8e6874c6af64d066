import type * as tf from "@tensorflow/tfjs";
import {
  layers,
  ParameterScope,
  type ClipTextEncoder,
  type NamedVariables,
  type OptimizerConfig,
  type TrainingModule,
} from "seedbed";

export interface TextEncoderModuleOptions {
  textEncoder: ClipTextEncoder;
  head: LatentHead;
  optimizerConfig: OptimizerConfig;
}

/** Makes latents of a text's features; of no use once the encoder is trained. */
export interface LatentHead {
  /** `[batch, tokens, features]` to `[batch, ...latents]`. */
  predict(features: tf.Tensor): tf.Tensor;
  parameters: NamedVariables;
}

/** A linear layer on the mean of all tokens. */
export function latentHead(
  features: number,
  latents: readonly [number, number, number],
  seed: number,
): LatentHead {
  const scope = new ParameterScope({ seed });
  const size = latents.reduce((product, side) => product * side, 1);
  const linear = layers.linear(scope.at("head"), features, size);
  return {
    predict: (tokens) => linear(tokens.mean(1)).reshape([-1, ...latents]),
    parameters: scope.parameters,
  };
}

/**
 * Trains a text encoder to tell what a caption's picture looks like, by the mean squared error of
 * its latents. The best answer is the mean of all pictures that the caption may stand for.
 *
 * Batches hold `latents [batch, channels, height, width]` and `ids [batch, tokens]`.
 */
export function textEncoderModule({
  textEncoder,
  head,
  optimizerConfig,
}: TextEncoderModuleOptions): TrainingModule {
  const parameters = new Map([
    ...[...textEncoder.parameters].map(
      ([name, variable]) => [`text_encoder.${name}`, variable] as const,
    ),
    ...head.parameters,
  ]);
  const error = ({ latents, ids }: tf.NamedTensorMap): tf.Scalar =>
    head.predict(textEncoder.encode(ids!)).sub(latents!).square().mean().asScalar();
  return {
    trainableParameters: () => parameters,
    configureOptimizers: () => optimizerConfig,
    trainingStep: (batch) => ({ loss: error(batch) }),
    validationStep: (batch) => ({ "val/loss": error(batch) }),
  };
}
