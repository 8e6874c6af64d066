import * as tf from "@tensorflow/tfjs";

import type { Compile, CompiledFunction } from "../base/compile.ts";
import { toTensors, type HostBatch } from "../base/hostTensor.ts";
import { clipGradients, type ClipAlgorithm } from "../optim/clipping.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { takeScalars } from "./scalars.ts";
import type { NamedVariables, TrainingModule } from "./trainingModule.ts";

/** Marks the inputs that are not the batch's. */
const prefix = "optimizer/";
const scaleInput = `${prefix}gradientScale`;

type Compiled = CompiledFunction<tf.NamedTensorMap, tf.NamedTensorMap>;

export interface TrainStepOptions {
  module: TrainingModule;
  optimizer: Optimizer;
  compile: Compile;
  accumulates: boolean;
  gradientClipVal: number | undefined;
  gradientClipAlgorithm: ClipAlgorithm;
}

/** The update at the end of a window of batches. */
export interface Update {
  readonly hyperparameters: Readonly<Record<string, number>>;
  /** Batches in the window, this one included. */
  readonly batches: number;
}

/**
 * The compiled functions that train on one batch. Without accumulation there is one: forward,
 * gradients, clipping and update. With it there are two: one adds gradients to buffers, the
 * other, for the last batch of a window, also updates and clears the buffers.
 */
export class TrainStep {
  readonly #options: TrainStepOptions;
  readonly #parameters: NamedVariables;
  readonly #buffers = new Map<string, tf.Variable>();
  readonly #update: Compiled;
  readonly #accumulate: Compiled;

  constructor(options: TrainStepOptions) {
    this.#options = options;
    this.#parameters = options.module.trainableParameters();
    checkParameters(this.#parameters);
    if (options.accumulates) this.#makeBuffers();
    this.#update = options.compile((inputs) => this.#updateStep(inputs));
    this.#accumulate = options.compile((inputs) => this.#accumulateStep(inputs));
  }

  /**
   * Trains on one batch.
   *
   * @param update undefined inside an accumulation window
   * @returns the module's outputs, and on an update `gradientNorm`
   */
  async run(batch: HostBatch, update: Update | undefined): Promise<Record<string, number>> {
    const inputs = toTensors(batch);
    try {
      if (update) Object.assign(inputs, this.#updateInputs(update));
      const run = update ? this.#update : this.#accumulate;
      return await takeScalars(await run(inputs));
    } finally {
      tf.dispose(inputs);
    }
  }

  dispose(): void {
    this.#update.dispose();
    this.#accumulate.dispose();
    for (const buffer of this.#buffers.values()) buffer.dispose();
    this.#buffers.clear();
  }

  #makeBuffers(): void {
    for (const [name, { shape }] of this.#parameters) {
      const zeros = tf.zeros(shape);
      this.#buffers.set(name, tf.variable(zeros, false));
      zeros.dispose();
    }
  }

  #updateInputs({ hyperparameters, batches }: Update): tf.NamedTensorMap {
    const numbers: Record<string, number> = {};
    for (const [name, value] of Object.entries(hyperparameters)) numbers[prefix + name] = value;
    if (this.#options.accumulates) numbers[scaleInput] = 1 / batches;
    return Object.fromEntries(
      Object.entries(numbers).map(([name, value]) => [name, tf.scalar(value)]),
    );
  }

  #accumulateStep(inputs: tf.NamedTensorMap): tf.NamedTensorMap {
    const { outputs, gradients } = this.#gradients(inputs);
    for (const [name, gradient] of gradients) {
      const buffer = this.#buffers.get(name)!;
      buffer.assign(buffer.add(gradient));
    }
    return outputs;
  }

  #updateStep(inputs: tf.NamedTensorMap): tf.NamedTensorMap {
    const { batch, hyperparameters } = splitInputs(inputs);
    const { outputs, gradients } = this.#gradients(batch);
    const scale = inputs[scaleInput]?.asScalar();
    const { accumulates, optimizer } = this.#options;
    const sums = accumulates ? this.#takeSums(gradients) : gradients;
    const { gradientClipVal, gradientClipAlgorithm } = this.#options;
    const clipped = clipGradients(sums, scale, gradientClipVal, gradientClipAlgorithm);
    optimizer.apply(clipped.gradients, hyperparameters, clipped.scale);
    return { ...outputs, gradientNorm: clipped.norm };
  }

  /** Buffers plus these gradients; the buffers become zero. */
  #takeSums(gradients: ReadonlyMap<string, tf.Tensor>): ReadonlyMap<string, tf.Tensor> {
    const sums = new Map<string, tf.Tensor>();
    for (const [name, gradient] of gradients) {
      const buffer = this.#buffers.get(name)!;
      sums.set(name, buffer.add(gradient));
      buffer.assign(tf.zeros(buffer.shape));
    }
    return sums;
  }

  /** Forward and backward. Parameters that the loss does not depend on have no gradient. */
  #gradients(batch: tf.NamedTensorMap): {
    outputs: tf.NamedTensorMap;
    gradients: ReadonlyMap<string, tf.Tensor>;
  } {
    const kept = new Map<string, tf.Tensor>();
    const { value, grads } = tf.variableGrads(() => {
      const { loss, ...others } = this.#options.module.trainingStep(batch);
      for (const [name, other] of Object.entries(others)) kept.set(name, tf.keep(other.clone()));
      return loss;
    }, [...this.#parameters.values()]);
    const outputs: tf.NamedTensorMap = { loss: value };
    for (const [name, tensor] of kept) {
      outputs[name] = tensor.clone(); // belongs to the enclosing tidy, unlike what was kept
      tensor.dispose();
    }
    const named = [...this.#parameters].map(([name, variable]) => [name, grads[variable.name]]);
    return { outputs, gradients: new Map(named.filter(isConnected)) };
  }
}

const isConnected = (entry: unknown[]): entry is [string, tf.Tensor] =>
  entry[1] !== undefined && entry[1] !== null;

function splitInputs(inputs: tf.NamedTensorMap): {
  batch: tf.NamedTensorMap;
  hyperparameters: Record<string, tf.Scalar>;
} {
  const batch: tf.NamedTensorMap = {};
  const hyperparameters: Record<string, tf.Scalar> = {};
  for (const [name, tensor] of Object.entries(inputs)) {
    if (!name.startsWith(prefix)) batch[name] = tensor;
    else hyperparameters[name.slice(prefix.length)] = tensor.asScalar();
  }
  return { batch, hyperparameters };
}

function checkParameters(parameters: NamedVariables): void {
  if (parameters.size === 0) {
    throw new RangeError("Cannot train: trainableParameters() gave no parameter");
  }
  for (const [name, { trainable, dtype }] of parameters) {
    if (trainable && dtype === "float32") continue;
    throw new TypeError(
      `Cannot train parameter "${name}": expected a trainable float32 variable, got ${trainable ? dtype : "one made with trainable = false"}`,
    );
  }
}
