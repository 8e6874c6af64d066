import * as tf from "@tensorflow/tfjs";

import { sameShape } from "../base/shape.ts";
import type { GraphValue } from "../graph/graph.ts";
import type { Target } from "../onnx/lowering.ts";
import type { RuntimeType } from "../runtime/session.ts";
import type { Entry } from "./entry.ts";
import type { OrtBackend } from "./ortBackend.ts";
import type { Recorder } from "./recorder.ts";

export function signatureOf(inputs: tf.NamedTensorMap): string {
  const parts = Object.entries(inputs).map(
    ([name, { dtype, shape }]) => `${name}:${dtype}[${shape.join()}]`,
  );
  return parts.join(";");
}

/** Names, types and shapes are all that tells one map of tensors from another. */
function isLike<T extends tf.NamedTensorMap>(tensors: tf.NamedTensorMap, like: T): tensors is T {
  return signatureOf(tensors) === signatureOf(like);
}

/** @throws {Error} when `tensors` lacks a name of `like`, or has another shape or type */
export function checkLike<T extends tf.NamedTensorMap>(tensors: tf.NamedTensorMap, like: T): T {
  if (isLike(tensors, like)) return tensors;
  throw new Error(
    `Cannot compile: expected tensors ${signatureOf(like)}, got ${signatureOf(tensors)}`,
  );
}

interface RecordedVariable {
  variable: tf.Variable;
  before: GraphValue | undefined;
  after: GraphValue | undefined;
}

export interface Recording<O extends tf.NamedTensorMap> {
  recorder: Recorder;
  inputs: readonly { name: string; value: GraphValue }[];
  outputs: readonly { name: string; value: GraphValue; shape: number[]; dtype: RuntimeType }[];
  /** What the function returned: names, shapes and types, no values. */
  returned: O;
  variables: readonly RecordedVariable[];
  /** Tensors from outside that are neither inputs nor variables. */
  captured: readonly { entry: Entry; value: GraphValue }[];
}

/**
 * Runs `fn` once on stand-ins for its inputs and takes down what it does.
 *
 * @param target as for `beginCapture`
 */
export function record<I extends tf.NamedTensorMap, O extends tf.NamedTensorMap>(
  backend: OrtBackend,
  fn: (inputs: I) => O,
  inputs: I,
  target?: Target,
): Recording<O> {
  const engine = tf.engine();
  const variables = Object.values(engine.registeredVariables);
  backend.flush();
  // Recorded values are told apart by their data: each variable must have its own.
  for (const variable of variables) makeSole(backend, variable);
  const recorder = backend.beginCapture(target);
  const held = variables.map((variable) => {
    backend.entry(variable.dataId); // moves it here if another backend made it
    backend.incRef(variable.dataId);
    return variable.dataId;
  });
  engine.startScope("compile");
  let recording: Recording<O>;
  try {
    const standIns = Object.entries(inputs).map(([name, { shape, dtype }]) => {
      const value = recorder.graph.input(runtimeType(name, dtype), shape);
      return { name, value, tensor: engine.makeTensorFromTensorInfo(backend.promise(value)) };
    });
    const given = Object.fromEntries(standIns.map(({ name, tensor }) => [name, tensor]));
    const returned = fn(checkLike(given, inputs));
    const outputs = Object.entries(returned).map(([name, tensor]) => {
      checkTensor(name, tensor);
      const dtype = runtimeType(name, tensor.dtype);
      return { name, value: backend.graphValue(tensor), shape: tensor.shape, dtype };
    });
    refuseNewVariables(variables);
    const entries = held.map((dataId) => backend.entry(dataId));
    const assigned = new Set<GraphValue>();
    const recorded = variables.map((variable, i) => {
      const after =
        variable.dataId === held[i]
          ? undefined
          : ownValue(recorder, backend.graphValue(variable), assigned);
      return { variable, entry: entries[i]!, after };
    });
    const owned = new Set(entries);
    recording = {
      recorder,
      inputs: standIns.map(({ name, value }) => ({ name, value })),
      outputs,
      returned,
      variables: recorded
        .map(({ variable, entry, after }) => ({
          variable,
          before: recorder.inputs.get(entry),
          after,
        }))
        .filter(({ before, after }) => before ?? after),
      captured: [...recorder.inputs]
        .filter(([entry]) => !owned.has(entry))
        .map(([entry, value]) => ({ entry, value })),
    };
  } finally {
    for (const made of Object.values(engine.registeredVariables)) {
      if (!variables.includes(made)) made.dispose();
    }
    for (const [i, variable] of variables.entries()) restore(backend, variable, held[i]!);
    engine.endScope();
    backend.endCapture();
  }
  refuseKept(recorder);
  for (const { entry } of recording.captured) entry.isCaptured = true;
  return recording;
}

/** A value of the state's own: computed by a node, and by none that another state is assigned. */
function ownValue(recorder: Recorder, value: GraphValue, assigned: Set<GraphValue>): GraphValue {
  const own =
    value.node && !assigned.has(value) ? value : recorder.builder.unary("Identity", value);
  assigned.add(own);
  return own;
}

/**
 * The output of a name, on which it depends whether variables are assigned.
 *
 * @throws {RangeError} when there is none, or it is no scalar
 */
export function conditionOf(
  { outputs }: Recording<tf.NamedTensorMap>,
  name: string | undefined,
): GraphValue | undefined {
  if (name === undefined) return undefined;
  const output = outputs.find((each) => each.name === name);
  if (output && output.shape.length === 0) return output.value;
  throw new RangeError(
    `Cannot compile: assignsIfFinite must name a scalar output, got "${name}"; outputs are [${outputs.map((each) => each.name).join(", ")}]`,
  );
}

/** Gives a variable its data from before the recording again. */
function restore(backend: OrtBackend, variable: tf.Variable, dataId: object): void {
  if (variable.dataId !== dataId) {
    tf.engine().disposeTensor(variable);
    variable.dataId = dataId;
    tf.engine().incRef(variable, backend);
  }
  backend.decRef(dataId);
}

function refuseNewVariables(known: readonly tf.Variable[]): void {
  const now = new Set(Object.values(tf.engine().registeredVariables));
  if (now.size === known.length && known.every((variable) => now.has(variable))) return;
  throw new Error(
    "Cannot compile: the function made or disposed a variable; make variables before",
  );
}

function checkTensor(name: string, value: unknown): void {
  if (value instanceof tf.Tensor) return;
  throw new TypeError(`Cannot compile: output "${name}" must be a tensor, got ${typeof value}`);
}

function refuseKept(recorder: Recorder): void {
  const [kept] = recorder.pending;
  if (kept) {
    throw new Error(
      `Cannot compile: the function kept a tensor of shape [${kept.shape.join(", ")}] that it did not return`,
    );
  }
}

function runtimeType(name: string, dtype: tf.DataType): RuntimeType {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return dtype;
  throw new TypeError(`Cannot compile: "${name}" must be float32, int32 or bool, got ${dtype}`);
}

/** A variable that shares its data with another tensor gets a copy, since it is overwritten. */
export function makeSole(backend: OrtBackend, variable: tf.Variable): void {
  const { shape, dtype } = variable;
  const entry = backend.computed(variable.dataId);
  if (entry.refCount <= 1 && sameShape(entry.shape, shape)) return;
  const { array } = backend.materialize(variable.dataId);
  if (!array) return;
  const info = { dataId: backend.write(array, shape, dtype), shape, dtype };
  const copy = tf.engine().makeTensorFromTensorInfo(info);
  tf.engine().disposeTensor(variable);
  variable.dataId = copy.dataId;
  tf.engine().incRef(variable, backend);
  copy.dispose();
}
