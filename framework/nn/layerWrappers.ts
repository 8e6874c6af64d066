import type * as tf from "@tensorflow/tfjs";

/** What a layer of one weight computes. */
export interface LayerCalls {
  /** With its own parameters and the wrappers that are already around it. */
  own: (x: tf.Tensor) => tf.Tensor;
  /** With another weight in the same geometry, and without bias. */
  withWeight: (x: tf.Tensor, weight: tf.Tensor) => tf.Tensor;
}

/** Computes a layer's result in the layer's place. Pure TF.js. */
export type LayerWrapper = (x: tf.Tensor, layer: LayerCalls) => tf.Tensor;

export type LayerKind = "linear" | "conv2d" | "embedding";

interface Wrappable {
  readonly kind: LayerKind;
  readonly wrappers: LayerWrapper[];
}

/** By the layer's weight, which is how a model's layers are known outside it. */
const wrappables = new WeakMap<tf.Tensor, Wrappable>();

/** Makes a layer one that can be wrapped, and returns it with whatever is around it. */
export function wrappable(
  weight: tf.Variable,
  kind: LayerKind,
  layer: LayerCalls,
): LayerCalls["own"] {
  const wrappers: LayerWrapper[] = [];
  wrappables.set(weight, { kind, wrappers });
  const { own: bare, withWeight } = layer;
  return (x) => {
    const wrapped = wrappers.reduce<LayerCalls["own"]>(
      (own, wrapper) => (input) => wrapper(input, { own, withWeight }),
      bare,
    );
    return wrapped(x);
  };
}

/** What kind of layer a weight belongs to; undefined where it cannot be wrapped. */
export function layerKind(weight: tf.Variable): LayerKind | undefined {
  return wrappables.get(weight)?.kind;
}

/**
 * Puts a wrapper around a layer, outside those that it has. Functions that were compiled before do
 * not notice.
 *
 * @returns takes the wrapper away again
 * @throws {RangeError} when no layer has this weight
 */
export function wrapLayer(weight: tf.Variable, wrapper: LayerWrapper): () => void {
  const entry = wrappables.get(weight);
  if (entry === undefined) {
    throw new RangeError(
      `Cannot wrap a layer: no linear, convolution or embedding layer has the weight "${weight.name}"`,
    );
  }
  entry.wrappers.push(wrapper);
  return () => {
    const index = entry.wrappers.indexOf(wrapper);
    if (index >= 0) entry.wrappers.splice(index, 1);
  };
}
