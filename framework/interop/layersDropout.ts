import * as tf from "@tensorflow/tfjs";

import { hostTensor, type HostBatch } from "../base/hostTensor.ts";
import type { RandomStream } from "../base/random.ts";

/** A dropout layer and the entry of the batch that holds what its input is multiplied by. */
export interface DropoutPlace {
  readonly layer: tf.layers.Layer;
  readonly entry: string;
  /** Of the input, without the batch axis. */
  readonly shape: readonly number[];
  readonly rate: number;
}

/** Layers of TF.js that draw random numbers in training. */
const drawing: readonly unknown[] = [
  "AlphaDropout",
  "Dropout",
  "GaussianDropout",
  "GaussianNoise",
  "RandomHeight",
  "RandomWidth",
  "SpatialDropout1D",
];

/**
 * The dropout layers of a model. A step is recorded once, and random numbers drawn inside would be
 * the same ones in every step; these layers get theirs from outside.
 *
 * @throws {TypeError} when something in the model draws numbers that cannot be given from outside
 */
export function dropoutPlaces(model: tf.LayersModel): DropoutPlace[] {
  return model.layers.flatMap((layer) => {
    const className = layer.getClassName();
    const config = layer.getConfig();
    if (!drawsNumbers({ className, config })) return [];
    const { rate, noiseShape } = config;
    if (className === "Dropout" && typeof rate === "number" && !noiseShape) {
      return [placeOf(layer, rate)];
    }
    throw new TypeError(
      `Cannot train layer "${layer.name}" (${className}): it draws random numbers inside the step, which is recorded once and would repeat them; ` +
        "use tf.layers.dropout, not in a nested model and without noiseShape, or draw the numbers in prepareBatch of a module of your own",
    );
  });
}

/** Whether anything in a serialized layer draws numbers: also what is wrapped in it. */
function drawsNumbers(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const entries = new Map<string, unknown>(Object.entries(value));
  if (drawing.includes(entries.get("className"))) return true;
  return [...entries].some(([key, inner]) =>
    key === "dropout" || key === "recurrentDropout" ? Number(inner) > 0 : drawsNumbers(inner),
  );
}

function placeOf(layer: tf.layers.Layer, rate: number): DropoutPlace {
  if (layer.inboundNodes.length !== 1) {
    throw new TypeError(
      `Cannot train layer "${layer.name}": expected it at one place of the model, got ${layer.inboundNodes.length}; make a dropout layer for each`,
    );
  }
  const [, ...sizes] = [layer.input].flat()[0]!.shape;
  const shape = sizes.map((size) => {
    if (size !== null) return size;
    throw new TypeError(
      `Cannot train layer "${layer.name}": dropout needs an input whose sizes are known but for the batch, got [null, ${sizes.map(String).join(", ")}]; give the model's inputs all their sizes`,
    );
  });
  return { layer, entry: `dropout/${layer.name}`, shape, rate };
}

/** A batch with the factors of each place: 0, or what keeps the mean, `1 / (1 - rate)`. */
export function addDropout(
  batch: HostBatch,
  places: readonly DropoutPlace[],
  random: RandomStream,
): HostBatch {
  const length = Object.values(batch)[0]?.shape[0] ?? 0;
  const factors = places.map(({ entry, shape, rate }) => {
    const size = shape.reduce((product, axis) => product * axis, length);
    const kept = 1 / (1 - rate);
    const values = random.uniforms(size).map((uniform) => (uniform < rate ? 0 : kept));
    return [entry, hostTensor(values, [length, ...shape])] as const;
  });
  return { ...batch, ...Object.fromEntries(factors) };
}

/** Does some work in which dropout layers multiply by their entry of the batch. */
export function withDropout<Result>(
  places: readonly DropoutPlace[],
  batch: tf.NamedTensorMap,
  work: () => Result,
): Result {
  for (const { layer, entry } of places) {
    layer.call = (inputs) => tf.mul([inputs].flat()[0]!, batch[entry]!);
  }
  try {
    return work();
  } finally {
    for (const { layer } of places) Reflect.deleteProperty(layer, "call"); // its class's is back
  }
}
