import * as tf from "@tensorflow/tfjs";
import { layers, ops, ParameterScope } from "seedbed";

import { batchNorm } from "./batchNorm.ts";

/** A network from pictures to one number for each class. */
export interface Classifier {
  readonly parameters: Map<string, tf.Variable>;
  /** What training changes without a gradient. */
  readonly statistics: Map<string, tf.Variable>;
  /** `[batch, 3, height, width]` in [-1, 1] to `[batch, classes]`. */
  logits(image: tf.Tensor, training: boolean): tf.Tensor;
  dispose(): void;
}

export interface ClassifierOptions {
  /** Channels of each stage; every stage halves the picture. */
  channels: readonly number[];
  classes: number;
  seed: number;
}

/** A convolution from `inputs` to `outputs` channels. */
interface Convolution {
  inputs: number;
  outputs: number;
  /** Side of the filter. */
  size: number;
  stride: number;
}

type Layer = (x: tf.Tensor, training: boolean) => tf.Tensor;

/**
 * A convolutional network. Two convolutions see single pixels; each stage has two that see
 * neighbours. A style is in colours and strokes no less than in shapes, so a linear layer sees the
 * mean of every convolution's output over the picture, not of the last one's alone.
 */
export function createClassifier({ channels, classes, seed }: ClassifierOptions): Classifier {
  const root = new ParameterScope({ seed });
  const statistics = new Map<string, tf.Variable>();
  const convolutions = convolutionsOf(channels);
  const apply = convolutions.map((convolution, i) =>
    layer(root.at(`convolutions.${i}`), convolution, statistics),
  );
  const features = convolutions.reduce((sum, { outputs }) => sum + outputs, 0);
  const head = layers.linear(root.at("head"), features, classes);
  return {
    parameters: root.parameters,
    statistics,
    logits: (image, training) =>
      tf.tidy(() => {
        const means: tf.Tensor[] = [];
        let x = image;
        for (const each of apply) {
          x = each(x, training);
          means.push(x.mean([2, 3]));
        }
        return head(tf.concat(means, 1));
      }),
    dispose: () => tf.dispose([...root.parameters.values(), ...statistics.values()]),
  };
}

function convolutionsOf(channels: readonly number[]): Convolution[] {
  const first = channels[0]!;
  return [
    { inputs: 3, outputs: first, size: 1, stride: 1 },
    { inputs: first, outputs: first, size: 1, stride: 1 },
    ...channels.flatMap((outputs, i) => [
      { inputs: channels[i - 1] ?? first, outputs, size: 3, stride: 2 },
      { inputs: outputs, outputs, size: 3, stride: 1 },
    ]),
  ];
}

/** A convolution, normalised over the batch: over each picture alone it would lose its style. */
function layer(
  scope: ParameterScope,
  { inputs, outputs, size, stride }: Convolution,
  statistics: Map<string, tf.Variable>,
): Layer {
  const options = { size, strides: [stride, stride] } as const;
  const convolve = layers.conv2d(scope.at("conv"), inputs, outputs, options);
  const normalise = batchNorm(scope.at("norm"), outputs, statistics);
  return (x, training) => ops.silu(normalise(convolve(x), training));
}
