import * as tf from "@tensorflow/tfjs";

import type { CompileOptions } from "../base/compile.ts";
import { markUnchanged } from "../base/unchanged.ts";
import { programFor, type GraphValue, type Program } from "../graph/graph.ts";
import { useWebGpuOperators } from "../graph/passes/webGpuOperators.ts";
import type { Device, DeviceValue } from "../runtime/device.ts";
import type { Binding, NativeValue, RuntimeValue, Session } from "../runtime/session.ts";
import type { Entry } from "./entry.ts";
import { inPrecision } from "./halfPrecision.ts";
import { copyOf, newValue, runtimeTypeOf } from "./hostValue.ts";
import type { OrtBackend } from "./ortBackend.ts";
import { checkLike, conditionOf, makeSole, type Recording } from "./recording.ts";

/** A variable with the second tensor of those that take turns on the device. */
interface State {
  variable: tf.Variable;
  before: GraphValue | undefined;
  after: GraphValue | undefined;
  /** Where the next run writes the new value. */
  alternate: DeviceValue | undefined;
}

/**
 * A recorded function as one session on a device. Variables stay there between runs: those that
 * change have two tensors, one that is read and one that is written, which then change places.
 * Inputs are copied to the device and outputs from it by ONNX Runtime, at each run.
 */
export class DeviceProgram<O extends tf.NamedTensorMap> {
  readonly #backend: OrtBackend;
  readonly #device: Device;
  readonly #recording: Recording<O>;
  readonly #program: Program;
  /** Absent when nothing is computed. */
  readonly #session: Session | undefined;
  readonly #states: State[];
  readonly #captured: ReadonlyMap<GraphValue, DeviceValue>;
  /** What runs now or ran last: native code reads it, so it must not be collected. */
  #bound: Binding | undefined;

  /** Variables keep their values where this is not finite. */
  readonly #condition: GraphValue | undefined;

  constructor(
    backend: OrtBackend,
    device: Device,
    recording: Recording<O>,
    { precision = "32-true", assignsIfFinite }: CompileOptions,
  ) {
    this.#backend = backend;
    this.#device = device;
    this.#recording = recording;
    const results = [
      ...recording.outputs.map(({ value }) => value),
      ...recording.variables.flatMap(({ after }) => after ?? []),
    ];
    const wanted = programFor([...new Set(results)]);
    const { graph } = recording.recorder;
    this.#program = inPrecision(precision, useWebGpuOperators(wanted, graph), graph, device);
    this.#condition = conditionOf(recording, assignsIfFinite);
    this.#session =
      results.length > 0 ? backend.sessions.make(this.#program, "all", "webgpu") : undefined;
    this.#states = recording.variables.map(({ variable, before, after }) => {
      return { variable, before, after, alternate: after && allocate(device, after) };
    });
    this.#captured = new Map(
      recording.captured.map(({ entry, value }) => {
        const copy = allocate(device, value);
        device.upload(backend.values.onHost(entry), copy);
        return [value, copy];
      }),
    );
  }

  async run(inputs: tf.NamedTensorMap): Promise<O> {
    let mayHaveChanged = false;
    try {
      const { results, entries } = await this.#compute(inputs);
      const decides = this.#condition && results.get(this.#condition)!.array[0];
      mayHaveChanged = true;
      if (decides === undefined || Number.isFinite(decides)) {
        for (const [i, state] of this.#states.entries()) this.#takeTurn(state, entries[i]!);
      }
      return checkLike(this.#tensors(results), this.#recording.returned);
    } catch (error) {
      if (!mayHaveChanged) markUnchanged(error);
      throw error;
    }
  }

  /** What is assigned to variables is not theirs yet. */
  async #compute(inputs: tf.NamedTensorMap): Promise<{
    results: ReadonlyMap<GraphValue, RuntimeValue>;
    entries: readonly Entry[];
  }> {
    const backend = this.#backend;
    backend.flush();
    const values = new Map<GraphValue, NativeValue>(this.#captured);
    for (const { name, value } of this.#recording.inputs) {
      const { dataId, shape } = inputs[name]!;
      values.set(value, backend.values.onHost(backend.materialize(dataId), shape));
    }
    const entries = this.#states.map((state) => this.#place(state, values));
    const results = new Map<GraphValue, RuntimeValue>();
    const written = new Map<GraphValue, DeviceValue>();
    for (const { after, alternate } of this.#states) if (after) written.set(after, alternate!);
    for (const { value } of this.#recording.outputs) results.set(value, newValue(value));
    this.#bound = this.#session?.bind(
      this.#program.inputs.map((value) => values.get(value)!),
      this.#program.outputs.map((value) => written.get(value) ?? results.get(value)!),
    );
    const changing = entries.filter((_, i) => this.#states[i]!.after);
    await backend.runs.whileWriting(changing, async () => {
      await this.#device.whileRunning(() =>
        backend.counters.ran(async () => this.#bound?.runAsync()),
      );
    });
    for (const [value, result] of results) {
      const state = written.get(value);
      if (state) this.#device.download(state, result);
    }
    return { results, entries };
  }

  /** Sees to it that a variable is on the device. */
  #place({ variable, before, after }: State, values: Map<GraphValue, NativeValue>): Entry {
    if (variable.isDisposed) {
      throw new Error(
        `Cannot run a compiled function: its variable "${variable.name}" was disposed`,
      );
    }
    if (after) makeSole(this.#backend, variable);
    const entry = this.#backend.computed(variable.dataId);
    if (before) values.set(before, this.#backend.values.onDevice(entry));
    return entry;
  }

  /** Gives a variable the tensor that was written, unless it was assigned or disposed meanwhile. */
  #takeTurn(state: State, placed: Entry): void {
    const { variable, alternate } = state;
    if (!alternate || variable.isDisposed) return;
    if (this.#backend.entry(variable.dataId) !== placed) return;
    state.alternate = placed.deviceValue ?? allocate(this.#device, state.after!);
    placed.deviceValue = alternate;
    delete placed.array;
    delete placed.runtimeValue;
  }

  #tensors(results: ReadonlyMap<GraphValue, RuntimeValue>): tf.NamedTensorMap {
    const given = new Set<GraphValue>();
    return Object.fromEntries(
      this.#recording.outputs.map(({ name, value, shape, dtype }) => {
        const { array } = results.get(value)!;
        const info = this.#backend.adopt(
          given.has(value) ? copyOf(array, dtype) : array,
          shape,
          dtype,
        );
        given.add(value);
        return [name, tf.engine().makeTensorFromTensorInfo(info)];
      }),
    );
  }

  /** Frees the session and what the program has on the device; variables stay. */
  dispose(): void {
    if (this.#session) this.#backend.sessions.release(this.#session);
    for (const value of this.#captured.values()) this.#device.release(value);
    for (const state of this.#states) {
      if (state.alternate) this.#device.release(state.alternate);
      state.alternate = undefined;
    }
  }
}

function allocate(device: Device, value: GraphValue): DeviceValue {
  return device.allocate(runtimeTypeOf(value), value.shape);
}
