import * as tf from "@tensorflow/tfjs";

import type { Compile } from "../../../../framework/base/compile.ts";
import type { HostBatch } from "../../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../../framework/base/random.ts";
import { normal } from "../../../../framework/nn/initializers.ts";
import { linear, type Layer } from "../../../../framework/nn/layers.ts";
import { gelu } from "../../../../framework/nn/ops/index.ts";
import { ParameterScope } from "../../../../framework/nn/parameterScope.ts";
import { cosine } from "../../../../framework/optim/lrSchedules/cosine.ts";
import { createOptimizer } from "../../../../framework/optim/optimizers/index.ts";
import { updateSteps } from "../../../support/updateSteps.ts";
import { alphabet, type Examples, type SpellingData } from "./spelling.ts";

export interface TrainingSettings {
  /** Its name, and its options beside it. */
  readonly optimizer: { readonly name: string; readonly [option: string]: unknown };
  readonly warmupSteps: number;
  readonly endFactor: number;
  /** Share of each label that goes to all classes alike. */
  readonly smoothing: number;
  /** Deviation of the first weights, times the root of a layer's inputs. */
  readonly deviation: number;
  readonly gradientClipVal: number;
}

/** What a training counts as that has diverged. */
export const diverged = 10;

const steps = 150;
const batchSize = 64;
const hidden = 48;

/** Trains a network of two layers, and gives its mean cross-entropy on words it has not seen, in nats. */
export async function validationLoss(
  data: SpellingData,
  { optimizer: chosen, ...settings }: TrainingSettings,
  compile: Compile,
): Promise<number> {
  const scope = new ParameterScope({ seed: 1 });
  const network = networkOf(scope, data, settings.deviation);
  const optimizer = createOptimizer(chosen);
  const step = updateSteps(
    {
      trainableParameters: () => scope.parameters,
      configureOptimizers: () => ({ optimizer }),
      trainingStep: ({ codes, labels }) => ({
        loss: lossOf(network(oneHot(codes!)), labels!, settings.smoothing),
      }),
    },
    { compile, gradientClipVal: settings.gradientClipVal },
  );
  const { warmupSteps, endFactor } = settings;
  const schedule = cosine({ totalSteps: steps, warmupSteps, endFactor });
  const order = new RandomStream(1, "bench/searchers/order");
  try {
    for (let i = 0; i < steps; i++) {
      const batch = batchOf(data, order);
      const { loss = Number.NaN } = await step.run(batch, optimizer.learningRate * schedule(i));
      if (!(loss < diverged)) return diverged;
    }
    const loss = await evaluate(network, data);
    return loss < diverged ? loss : diverged;
  } finally {
    step.dispose();
    optimizer.dispose();
    for (const parameter of scope.parameters.values()) parameter.dispose();
  }
}

function networkOf(scope: ParameterScope, data: SpellingData, deviation: number): Layer {
  const features = data.letters * alphabet;
  const weights = (inputs: number) => ({
    weightInitializer: normal(deviation / Math.sqrt(inputs)),
  });
  const first = linear(scope.at("first"), features, hidden, weights(features));
  const last = linear(scope.at("last"), hidden, data.classes, weights(hidden));
  return (x) => last(gelu(first(x)));
}

/** `[examples, letters]` as `[examples, letters * alphabet]`. */
const oneHot = (codes: tf.Tensor): tf.Tensor =>
  tf.oneHot(codes.toInt(), alphabet).toFloat().reshape([codes.shape[0]!, -1]);

function lossOf(logits: tf.Tensor, labels: tf.Tensor, smoothing: number): tf.Scalar {
  const logs = tf.logSoftmax(logits);
  const classes = logits.shape.at(-1)!;
  const hot = tf.oneHot(labels.toInt(), classes).toFloat();
  const wanted = hot.mul(1 - smoothing).add(smoothing / classes);
  return logs.mul(wanted).sum(-1).mean().neg().asScalar();
}

function batchOf({ training, letters }: SpellingData, random: RandomStream): HostBatch {
  const codes = new Int32Array(batchSize * letters);
  const labels = new Int32Array(batchSize);
  for (let row = 0; row < batchSize; row++) {
    const example = random.integer(training.labels.length);
    codes.set(training.codes.subarray(example * letters, (example + 1) * letters), row * letters);
    labels[row] = training.labels[example]!;
  }
  return {
    codes: { shape: [batchSize, letters], values: codes },
    labels: { shape: [batchSize], values: labels },
  };
}

async function evaluate(network: Layer, { validation, letters }: SpellingData): Promise<number> {
  const { codes, labels }: Examples = validation;
  const loss = tf.tidy(() => {
    const x = oneHot(tf.tensor2d(codes, [labels.length, letters], "int32"));
    return lossOf(network(x), tf.tensor1d(labels, "int32"), 0);
  });
  const [value = Number.NaN] = await loss.data();
  loss.dispose();
  return value;
}
