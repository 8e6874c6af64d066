import * as tf from "@tensorflow/tfjs";

import { describeShape } from "../base/shape.ts";

/**
 * Gradient checkpointing: runs `fn` and forgets what it computed on the way, so that the memory is
 * free until the gradient computes it again. Costs one more forward pass of `fn`.
 *
 * What is computed again depends on the gradient that arrives, so that no optimizer of graphs can
 * take it for what was computed before, nor run it early. An arriving infinity or NaN therefore
 * makes all gradients of `fn` NaN.
 *
 * Source: Chen et al. 2016, arXiv:1604.06174.
 *
 * @param fn reads its inputs, variables, and nothing else that needs a gradient; is run twice and
 * must compute the same both times
 * @param inputs handed to `fn`; those of float32 get a gradient
 * @throws {Error} when `fn` reads another computed tensor
 */
export function checkpoint<T extends tf.Tensor>(
  fn: (...inputs: tf.Tensor[]) => T,
  inputs: readonly tf.Tensor[],
): T {
  const { state } = tf.engine();
  const tape = state.activeTape;
  if (!tape || state.gradientDepth === 0 || state.kernelDepth > 0) return fn(...inputs);
  const start = tape.length;
  const y = tf.tidy(() => fn(...inputs));
  const segment = tape.splice(start);
  for (const { saved } of segment) tf.dispose(saved ?? []);
  const variables = readVariables(segment, inputs, new Set(tape.flatMap(({ outputs }) => outputs)));
  const saved = inputs.map((input) => tf.keep(input.clone()));
  const wanted = [...inputs.keys()].filter((i) => inputs[i]!.dtype === "float32");
  const sources = [...wanted.map((i) => inputs[i]!), ...variables];
  tape.push({
    id: state.nextTapeNodeId++,
    kernelName: "SeedbedCheckpoint",
    inputs: Object.fromEntries(sources.entries()),
    outputs: [y],
    saved,
    gradient: ([dy]) => {
      const again = saved.map((input) => (input.dtype === "float32" ? after(input, dy!) : input));
      const xs = [...wanted.map((i) => again[i]!), ...variables];
      const grads = gradientsOf(() => fn(...again), xs, dy!);
      return Object.fromEntries(xs.map((x, i) => [i, () => grads[i] ?? tf.zerosLike(x)]));
    },
  });
  return y;
}

type Tape = NonNullable<ReturnType<typeof tf.engine>["state"]["activeTape"]>;

/** Variables that the recorded kernels read. @throws {Error} when they read more than that */
function readVariables(
  segment: Tape,
  inputs: readonly tf.Tensor[],
  earlier: ReadonlySet<tf.Tensor>,
): tf.Variable[] {
  const variables = new Set<tf.Variable>();
  for (const tensor of segment.flatMap((node) => Object.values(node.inputs))) {
    if (tensor instanceof tf.Variable) variables.add(tensor);
    else if (earlier.has(tensor) && !inputs.includes(tensor)) {
      throw new Error(
        `Cannot checkpoint: the function reads a computed tensor of shape ${describeShape(tensor.shape)} that is not among its inputs; hand it over as one`,
      );
    }
  }
  return [...variables].filter((variable) => variable.dtype === "float32");
}

/** `x`, but not before `dy` is known. */
function after(x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  return tf.tidy(() => x.add(dy.flatten().slice(0, 1).mul(0).asScalar()));
}

/** Gradients by a tape of their own, while the gradients of an outer one are under way. */
function gradientsOf(
  fn: () => tf.Tensor,
  xs: tf.Tensor[],
  dy: tf.Tensor,
): readonly (tf.Tensor | undefined)[] {
  const engine = tf.engine();
  const { activeTape } = engine.state;
  try {
    const { value, grads } = engine.gradients(fn, xs, dy, true);
    value.dispose();
    return grads;
  } finally {
    engine.state.activeTape = activeTape;
  }
}
