import * as tf from "@tensorflow/tfjs";

import type { Compile, CompiledFunction } from "../base/compile.ts";
import { sameShape } from "../base/shape.ts";
import type { GraphValue, Program } from "../graph/graph.ts";
import {
  allocate,
  RuntimeValue,
  type Binding,
  type HostArray,
  type RuntimeType,
  type Session,
} from "../runtime/session.ts";
import type { Entry } from "./entry.ts";
import type { OrtBackend } from "./ortBackend.ts";
import { planPrograms, type Plan } from "./plan.ts";
import type { Recorder } from "./recorder.ts";

/** Input signatures that one compiled function keeps ready; the least recently used goes first. */
const maxSignatures = 8;

/** The `Compile` of the backend "ort". */
export function compileWith(backend: OrtBackend): Compile {
  return <I extends tf.NamedTensorMap, O extends tf.NamedTensorMap>(
    fn: (inputs: I) => O,
  ): CompiledFunction<I, O> => {
    const programs = new Map<string, CompiledProgram<O>>();

    const call = async (inputs: I): Promise<O> => {
      const signature = signatureOf(inputs);
      let program = programs.get(signature);
      programs.delete(signature);
      program ??= new CompiledProgram(backend, record(backend, fn, inputs));
      programs.set(signature, program);
      for (const [key, old] of programs) {
        if (programs.size <= maxSignatures) break;
        old.dispose();
        programs.delete(key);
      }
      return program.run(inputs);
    };
    const free = (): void => {
      for (const program of programs.values()) program.dispose();
      programs.clear();
    };
    const enqueue = (inputs: I): Promise<O> => {
      if (backend.capturing) {
        throw new Error(
          "Cannot call a compiled function inside another: call the function that was compiled",
        );
      }
      const held = hold(inputs);
      return backend.enqueue(() => call(held)).finally(() => tf.dispose(held));
    };
    return Object.assign(enqueue, {
      dispose() {
        if (backend.idle) free();
        else void backend.enqueue(async () => free());
      },
    });
  };
}

/** Clones that stay until the call's turn comes, whatever the caller disposes meanwhile. */
function hold<I extends tf.NamedTensorMap>(inputs: I): I {
  const clones = Object.entries(inputs).map(([name, tensor]) => [name, tf.keep(tensor.clone())]);
  return checkLike(Object.fromEntries(clones), inputs);
}

function signatureOf(inputs: tf.NamedTensorMap): string {
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
function checkLike<T extends tf.NamedTensorMap>(tensors: tf.NamedTensorMap, like: T): T {
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

interface Recording<O extends tf.NamedTensorMap> {
  recorder: Recorder;
  inputs: readonly { name: string; value: GraphValue }[];
  outputs: readonly { name: string; value: GraphValue; shape: number[]; dtype: RuntimeType }[];
  /** What the function returned: names, shapes and types, no values. */
  returned: O;
  variables: readonly RecordedVariable[];
  /** Tensors from outside that are neither inputs nor variables. */
  captured: readonly { entry: Entry; value: GraphValue }[];
}

/** Runs `fn` once on stand-ins for its inputs and takes down what it does. */
function record<I extends tf.NamedTensorMap, O extends tf.NamedTensorMap>(
  backend: OrtBackend,
  fn: (inputs: I) => O,
  inputs: I,
): Recording<O> {
  const engine = tf.engine();
  const variables = Object.values(engine.registeredVariables);
  backend.flush();
  // Recorded values are told apart by their data: each variable must have its own.
  for (const variable of variables) makeSole(backend, variable);
  const recorder = backend.beginCapture();
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
  return recording;
}

/** A value of the state's own: computed by a node, and by none that another state is assigned. */
function ownValue(recorder: Recorder, value: GraphValue, assigned: Set<GraphValue>): GraphValue {
  const own =
    value.node && !assigned.has(value) ? value : recorder.builder.unary("Identity", value);
  assigned.add(own);
  return own;
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

/** A variable with the array or two arrays that hold its values between runs. */
interface State {
  variable: tf.Variable;
  before: GraphValue | undefined;
  after: GraphValue | undefined;
  /** The array that is written next, when the old one must stay readable during the run. */
  alternate: RuntimeValue | undefined;
}

interface Step {
  program: Program;
  /** Absent when the program computes nothing. */
  session: Session | undefined;
  inputs: RuntimeValue[];
  outputs: RuntimeValue[];
  /** Rebuilt when an array was exchanged. */
  binding: Binding | undefined;
}

/** A recorded function with its sessions and the arrays between them. */
class CompiledProgram<O extends tf.NamedTensorMap> {
  readonly #backend: OrtBackend;
  readonly #recording: Recording<O>;
  readonly #plan: Plan;
  readonly #steps: Step[];
  readonly #states: State[];
  /** Values that pass from the first program to the second. */
  readonly #boundary: ReadonlyMap<GraphValue, RuntimeValue>;
  readonly #captured: ReadonlyMap<GraphValue, RuntimeValue>;
  /** Outputs whose arrays the program goes on using, so that the caller gets a copy. */
  readonly #shared: ReadonlySet<GraphValue>;

  constructor(backend: OrtBackend, recording: Recording<O>) {
    this.#backend = backend;
    this.#recording = recording;
    const changed = recording.variables.filter(({ after }) => after !== undefined);
    const changes = changed.map(({ before, after }) => ({ before, after: after! }));
    this.#plan = planPrograms(
      recording.outputs.map(({ value }) => value),
      changes,
    );
    this.#steps = this.#plan.programs.map((program, i) => {
      const session =
        program.outputs.length > 0
          ? backend.newSession(program, i === 0 ? "all" : "basic")
          : undefined;
      return { program, session, inputs: [], outputs: [], binding: undefined };
    });
    this.#boundary = new Map(this.#plan.boundary.map((value) => [value, newValue(value)]));
    this.#captured = new Map(
      recording.captured.map(({ entry, value }) => [value, backend.runtimeValue(entry)]),
    );
    this.#shared = new Set([...this.#boundary.keys(), ...changes.map(({ after }) => after)]);
    this.#states = recording.variables.map(({ variable, before, after }) => {
      const index = changed.findIndex((each) => each.variable === variable);
      const alternate =
        after && this.#plan.states[index]!.placement === "alternate" ? newValue(after) : undefined;
      return { variable, before, after, alternate };
    });
  }

  async run(inputs: tf.NamedTensorMap): Promise<O> {
    const backend = this.#backend;
    backend.flush();
    const values = new Map(this.#captured);
    for (const { name, value } of this.#recording.inputs) {
      values.set(value, backend.runtimeValue(backend.materialize(inputs[name]!.dataId)));
    }
    const results = new Map(this.#boundary);
    for (const state of this.#states) this.#placeState(state, values, results);
    for (const { value } of this.#recording.outputs) {
      if (!results.has(value)) results.set(value, newValue(value));
    }
    for (const value of this.#boundary.keys()) values.set(value, results.get(value)!);
    const written = this.#states.flatMap(({ after }) => (after ? [results.get(after)!.array] : []));
    await backend.whileWriting(written, async () => {
      for (const step of this.#steps) await runStep(step, values, results);
    });
    for (const state of this.#states) this.#takeTurn(state);
    return checkLike(this.#tensors(results), this.#recording.returned);
  }

  /** Says which array holds a state now and which receives its new value. */
  #placeState(
    { variable, before, after, alternate }: State,
    values: Map<GraphValue, RuntimeValue>,
    results: Map<GraphValue, RuntimeValue>,
  ): void {
    if (variable.isDisposed) {
      throw new Error(
        `Cannot run a compiled function: its variable "${variable.name}" was disposed`,
      );
    }
    if (after) makeSole(this.#backend, variable);
    const current = this.#backend.runtimeValue(this.#backend.materialize(variable.dataId));
    if (before) values.set(before, current);
    if (after) results.set(after, alternate ?? current);
  }

  #takeTurn(state: State): void {
    if (!state.alternate) return;
    const entry = this.#backend.entry(state.variable.dataId);
    const written = state.alternate;
    state.alternate = entry.runtimeValue;
    entry.array = written.array;
    entry.runtimeValue = written;
  }

  #tensors(results: ReadonlyMap<GraphValue, RuntimeValue>): tf.NamedTensorMap {
    const given = new Set<GraphValue>(this.#shared);
    return Object.fromEntries(
      this.#recording.outputs.map(({ name, value, shape, dtype }) => {
        const result = results.get(value)!;
        const own = given.has(value) ? copyOf(result.array, dtype) : result.array;
        given.add(value);
        const info = this.#backend.adopt(own, shape, dtype);
        return [name, tf.engine().makeTensorFromTensorInfo(info)];
      }),
    );
  }

  dispose(): void {
    for (const { session } of this.#steps) if (session) this.#backend.disposeSession(session);
  }
}

function newValue({ dtype, shape }: GraphValue): RuntimeValue {
  if (dtype === "int64") throw new TypeError("Cannot return an int64 value: cast it");
  return new RuntimeValue(allocate(dtype, tf.util.sizeFromShape([...shape])), dtype, shape);
}

function copyOf(array: HostArray, dtype: RuntimeType): HostArray {
  const copy = allocate(dtype, array.length);
  copy.set(array);
  return copy;
}

/** Runs one program; binds anew only when an array is another one than last time. */
async function runStep(
  step: Step,
  values: Map<GraphValue, RuntimeValue>,
  results: ReadonlyMap<GraphValue, RuntimeValue>,
): Promise<void> {
  const { program, session } = step;
  if (!session) return;
  const inputs = program.inputs.map((value) => values.get(value) ?? results.get(value)!);
  const outputs = program.outputs.map((value) => results.get(value)!);
  const same = (a: readonly RuntimeValue[], b: readonly RuntimeValue[]): boolean =>
    a.length === b.length && a.every((value, i) => value === b[i]);
  if (!step.binding || !same(inputs, step.inputs) || !same(outputs, step.outputs)) {
    step.inputs = inputs;
    step.outputs = outputs;
    step.binding = session.bind(inputs, outputs);
  }
  await step.binding.runAsync();
}

/** A variable that shares its data with another tensor gets a copy, since it is overwritten. */
function makeSole(backend: OrtBackend, variable: tf.Variable): void {
  const { shape, dtype } = variable;
  const entry = backend.materialize(variable.dataId);
  const { refCount, array } = entry;
  if (!array || (refCount <= 1 && sameShape(entry.shape, shape))) return;
  const info = { dataId: backend.write(array, shape, dtype), shape, dtype };
  const copy = tf.engine().makeTensorFromTensorInfo(info);
  tf.engine().disposeTensor(variable);
  variable.dataId = copy.dataId;
  tf.engine().incRef(variable, backend);
  copy.dispose();
}
