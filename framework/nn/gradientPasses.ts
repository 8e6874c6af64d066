import * as tf from "@tensorflow/tfjs";

import { describeShape } from "../base/shape.ts";

/** The same values, but not before the passes that come earlier have ended. */
export type AfterEarlierPasses = (x: tf.Tensor) => tf.Tensor;

/** Computes one loss, of float inputs that it has handed to `after`. */
export type Pass = (after: AfterEarlierPasses) => tf.Scalar;

/**
 * Several losses, each computed together with its gradients by variables before the next one
 * begins: what a forward pass keeps for its gradients takes memory for one pass at a time, and no
 * pass is computed twice. What is made of the losses is differentiated as usual, and their gradients
 * are multiplied by what arrives.
 *
 * For first derivatives by `variables` alone. Gradients are computed before a scale on the loss is
 * known, which therefore keeps nothing from becoming 0 in half precision. An infinite or NaN
 * gradient makes the later passes NaN.
 *
 * @param passes read variables and what was given from outside
 * @throws {Error} when a pass reads what was computed from the variables outside of it
 */
export function gradientPasses(
  passes: readonly Pass[],
  variables: readonly tf.Variable[],
): tf.Scalar[] {
  const { state } = tf.engine();
  const tape = state.activeTape;
  if (!tape || state.gradientDepth === 0 || state.kernelDepth > 0) {
    return passes.map((pass) => pass((x) => x.clone()));
  }
  const done: tf.Tensor[] = [];
  const after: AfterEarlierPasses = (x) => (done.length === 0 ? x.clone() : x.add(nothingOf(done)));
  return passes.map((pass) => {
    const { loss, gradients } = gradientPass(() => pass(after), variables, tape);
    done.push(...gradients);
    return loss;
  });
}

type Tape = NonNullable<ReturnType<typeof tf.engine>["state"]["activeTape"]>;

/** Puts one node on the tape in the place of all that the pass recorded. */
function gradientPass(
  pass: () => tf.Scalar,
  variables: readonly tf.Variable[],
  tape: Tape,
): { loss: tf.Scalar; gradients: tf.Tensor[] } {
  const engine = tf.engine();
  const earlier = computedFrom(variables, tape);
  const start = tape.length;
  const { value, grads } = engine.gradients(pass, [...variables], undefined, true);
  const segment = tape.splice(start);
  for (const { saved } of segment) tf.dispose(saved ?? []);
  refuseComputed(segment, earlier);
  const reached = [...variables.keys()].filter((i) => grads[i]);
  const gradients = reached.map((i) => tf.keep(grads[i]!));
  tape.push({
    id: engine.state.nextTapeNodeId++,
    kernelName: "SeedbedGradientPass",
    inputs: Object.fromEntries(reached.map((i, at) => [at, variables[i]!])),
    outputs: [value],
    saved: gradients,
    gradient: ([dy]) =>
      Object.fromEntries(gradients.map((gradient, at) => [at, () => gradient.mul(dy!)])),
  });
  return { loss: value, gradients };
}

/** What was computed from variables, as far as the tape knows. */
function computedFrom(variables: readonly tf.Variable[], tape: Tape): Set<tf.Tensor> {
  const reached = new Set<tf.Tensor>(variables);
  const computed = new Set<tf.Tensor>();
  for (const { inputs, outputs } of tape) {
    if (!Object.values(inputs).some((input) => reached.has(input))) continue;
    for (const output of outputs) {
      reached.add(output);
      computed.add(output);
    }
  }
  return computed;
}

function refuseComputed(segment: Tape, earlier: ReadonlySet<tf.Tensor>): void {
  const read = segment.flatMap(({ inputs }) => Object.values(inputs));
  const computed = read.find((tensor) => earlier.has(tensor));
  if (!computed) return;
  throw new Error(
    `Cannot compute a pass: it reads a tensor of shape ${describeShape(computed.shape)} that was computed from the variables; compute it inside the pass`,
  );
}

/** Zero, when all of the gradients are known. */
function nothingOf(gradients: readonly tf.Tensor[]): tf.Scalar {
  const first = gradients.map((gradient) => gradient.flatten().slice(0, 1));
  return tf.concat(first).sum().mul(0).asScalar();
}
