import * as tf from "@tensorflow/tfjs";
import {
  createOptimizer,
  hostTensor,
  RandomStream,
  type Callback,
  type DataLoader,
  type HostBatch,
  type LoggedHistogram,
  type LoggedImage,
  type Logger,
  type LrSchedule,
  type TrainingModule,
} from "seedbed";

export interface ToyOptions {
  optimizer?: { name: string; learningRate?: number; [option: string]: unknown };
  lrSchedule?: LrSchedule;
  /** Standard deviation of the noise that `prepareBatch` adds to the inputs. */
  noise?: number;
}

/** A network of two layers that learns the sum of three inputs; dispose after use. */
export function toyModule({
  optimizer = { name: "adamW", learningRate: 0.01 },
  lrSchedule = () => 1,
  noise = 0,
}: ToyOptions = {}): TrainingModule & { dispose(): void } {
  const random = new RandomStream(7, "initial weights");
  const made = (shape: number[]): tf.Variable =>
    tf.tidy(() => {
      const length = shape.reduce((a, b) => a * b, 1);
      return tf.variable(tf.tensor(random.normals(length), shape).mul(0.5));
    });
  const parameters = new Map([
    ["hidden.weight", made([3, 4])],
    ["hidden.bias", made([4])],
    ["output.weight", made([4, 1])],
    ["output.bias", made([1])],
  ]);
  const get = (name: string): tf.Tensor => parameters.get(name)!;
  function predict(x: tf.Tensor): tf.Tensor {
    const hidden = tf.tanh(tf.matMul(x, get("hidden.weight")).add(get("hidden.bias")));
    return tf.matMul(hidden, get("output.weight")).add(get("output.bias"));
  }
  const error = ({ x, y }: tf.NamedTensorMap): tf.Tensor => predict(x!).sub(y!);
  return {
    trainableParameters: () => parameters,
    configureOptimizers: () => ({ optimizer: createOptimizer(optimizer), lrSchedule }),
    prepareBatch: (batch, stream, stage) =>
      stage === "train" ? addNoise(batch, stream, noise) : batch,
    trainingStep: (batch) => ({
      loss: error(batch).square().mean<tf.Scalar>(),
      absoluteError: error(batch).abs().mean<tf.Scalar>(),
    }),
    validationStep: (batch) => ({ "val/loss": error(batch).square().mean<tf.Scalar>() }),
    dispose: () => tf.dispose([...parameters.values()]),
  };
}

function addNoise(batch: HostBatch, stream: RandomStream, deviation: number): HostBatch {
  const { values, shape } = batch["x"]!;
  const noisy = Float32Array.from(values, (value) => value + deviation * stream.normal());
  return { ...batch, x: hostTensor(noisy, shape) };
}

/** Batches of random inputs and their sums; another order in each epoch. */
export function toyLoader(batches: number, batchSize = 2): DataLoader {
  return {
    length: batches,
    async batch(epoch, index) {
      const random = new RandomStream(3, "toy data", epoch * batches + index);
      const x = random.normals(batchSize * 3);
      const y = Float32Array.from({ length: batchSize }, (_, i) =>
        x.subarray(i * 3, i * 3 + 3).reduce((a, b) => a + b, 0),
      );
      return { x: hostTensor(x, [batchSize, 3]), y: hostTensor(y, [batchSize, 1]) };
    },
  };
}

interface Recorded {
  readonly rows: { step: number; epoch: number; metrics: Readonly<Record<string, number>> }[];
  readonly images: { step: number; key: string; images: readonly LoggedImage[] }[];
  readonly histograms: { step: number; key: string; histogram: LoggedHistogram }[];
  /** How many rows there were at each flush. */
  readonly flushes: number[];
}

/** Keeps numbers, pictures and histograms. */
export function recordingLogger(): Logger & Recorded {
  const recorded: Recorded = { rows: [], images: [], histograms: [], flushes: [] };
  const { rows, images, histograms, flushes } = recorded;
  return {
    name: "recording",
    ...recorded,
    logHyperparameters() {},
    logMetrics: (metrics, { step, epoch }) => void rows.push({ step, epoch, metrics }),
    logImages: (key, logged, { step }) => void images.push({ step, key, images: logged }),
    logHistogram: (key, histogram, { step }) => void histograms.push({ step, key, histogram }),
    logText() {},
    logTable() {},
    logPrCurve() {},
    logArtifact() {},
    flush: () => void flushes.push(rows.length),
    finalize() {},
  };
}

/** Writes down which hooks are called, as `name@step`. */
export function recordingCallback(hooks: readonly (keyof Callback)[]): Callback & {
  readonly calls: string[];
} {
  const calls: string[] = [];
  const listener = (hook: string) => (state: { step: number }) => {
    calls.push(`${hook}@${state.step}`);
  };
  return {
    name: "recording",
    calls,
    ...Object.fromEntries(hooks.map((hook) => [hook, listener(hook)])),
  };
}

/** All parameter bytes, as hexadecimal text. */
export async function parameterBytes(module: TrainingModule): Promise<string> {
  const values = await Promise.all(
    [...module.trainableParameters().values()].map((parameter) => parameter.data()),
  );
  return values.map(({ buffer }) => Buffer.from(buffer.slice(0)).toString("hex")).join(" ");
}
