import * as tf from "@tensorflow/tfjs";

import { InputError } from "../base/errors.ts";
import type { FilePlace } from "../base/scratchFiles.ts";
import { programFor, type GraphValue } from "../graph/graph.ts";
import type { Target } from "../onnx/lowering.ts";
import type { Device } from "../runtime/device.ts";
import { loadRuntime } from "../runtime/ortLibrary.ts";
import type { HostArray } from "../runtime/session.ts";
import { LaneThreads } from "../wasm/laneThreads.ts";
import { channelBlock } from "./channelBlock.ts";
import { Counters } from "./counters.ts";
import type { Entry, Materialized } from "./entry.ts";
import { EntryValues, roomFor, setHostValue } from "./entryValues.ts";
import { bytesOf, isFiled, readFiled } from "./filedEntry.ts";
import { FiledVariables } from "./filedVariables.ts";
import { copyToNative, runtimeTypeOf } from "./hostValue.ts";
import type { MeasuredForms } from "./measuredForms.ts";
import type { PassName } from "./passes.ts";
import { Recorder } from "./recorder.ts";
import { makeSole } from "./recording.ts";
import { RunQueue } from "./runQueue.ts";
import { Sessions } from "./sessions.ts";
import { WindowMemory } from "./windowMemory.ts";

/** Pending nodes after which the graph runs unasked, so that it does not grow without bound. */
const maxPendingNodes = 2000;

type DataId = tf.TensorInfo["dataId"];

/**
 * TF.js backend that records kernels and runs them on ONNX Runtime when a value is read.
 *
 * Values live in arrays that ONNX Runtime reads and writes without copies. With a device, compiled
 * functions run there and variables of theirs stay there until somebody reads them; all else runs
 * on the CPU.
 */
export class OrtBackend extends tf.KernelBackend {
  readonly #data: tf.DataStorage<Entry>;
  readonly counters: Counters = new Counters();
  readonly sessions: Sessions = new Sessions(this.counters);
  #recorder = new Recorder(false);
  readonly runs: RunQueue = new RunQueue();
  #capture: Recorder | undefined;

  /** Tensors that are gone but for the pending graph, which still reads them. */
  readonly #orphans = new Set<Entry>();
  /** Where compiled functions run; undefined: on the CPU. */
  readonly device: Device | undefined;
  readonly values: EntryValues;
  /** Chooses forms for compiled functions; undefined: the usual ones are taken. */
  forms: MeasuredForms | undefined;
  /** Passes that compiled functions go without. */
  without: ReadonlySet<PassName> = new Set<PassName>();
  #laneThreads: LaneThreads | undefined;
  readonly filed: FiledVariables = new FiledVariables();
  /** What filed variables pass through while they are updated. */
  readonly windows: WindowMemory = new WindowMemory();

  constructor(device?: Device) {
    super();
    this.device = device;
    this.values = new EntryValues(device);
    this.#data = new tf.DataStorage<Entry>(this, tf.engine());
  }

  /** As many as ONNX Runtime has; made when first needed. */
  get laneThreads(): LaneThreads {
    return (this.#laneThreads ??= new LaneThreads(loadRuntime().threads));
  }

  /** Where kernels are written to now. */
  get recorder(): Recorder {
    return this.#capture ?? this.#recorder;
  }

  get capturing(): boolean {
    return this.#capture !== undefined;
  }

  entry(dataId: DataId): Entry {
    return this.#data.get(dataId);
  }

  override write(
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
  ): DataId {
    const dataId: DataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: DataId,
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    const entry: Entry = { shape, dtype, refCount };
    if (this.#capture) entry.madeBy = this.#capture;
    if (dtype !== "string") entry.array = copyToNative(values, dtype, shape);
    else if (Array.isArray(values)) entry.strings = values;
    this.#data.set(dataId, entry);
  }

  /** A tensor whose values the current graph will compute. */
  promise(value: GraphValue): tf.TensorInfo {
    return this.#promise(value, value.shape, runtimeTypeOf(value));
  }

  /** A tensor of complex numbers whose parts, along the last axis, the graph will compute. */
  promiseComplex(value: GraphValue): tf.TensorInfo {
    return this.#promise(value, value.shape.slice(0, -1), "complex64");
  }

  #promise(value: GraphValue, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    const dataId: DataId = {};
    const entry: Entry = { shape, dtype, refCount: 1 };
    this.#data.set(dataId, entry);
    this.recorder.expect(entry, value);
    return { dataId, shape: [...shape], dtype };
  }

  /** Where the next kernel is written to: a graph that has grown long is run first. */
  recorderForKernel(): Recorder {
    if (!this.#capture && this.recorder.graph.nodes.length > maxPendingNodes) this.flush();
    return this.recorder;
  }

  /** A tensor over an array from `allocate`, without a copy; nobody else may write to it. */
  adopt(array: HostArray, shape: number[], dtype: Materialized["dtype"]): tf.TensorInfo {
    const dataId: DataId = {};
    this.#data.set(dataId, { shape, dtype, refCount: 1, array });
    return { dataId, shape, dtype };
  }

  /** The current graph's value of a tensor. */
  graphValue({ dataId, shape }: tf.TensorInfo): GraphValue {
    const entry = this.#healthy(dataId);
    if (entry.recorder && entry.recorder !== this.recorder && !entry.array) this.#refuseKept(entry);
    return this.recorder.graphValue(entry, shape);
  }

  /** Computes everything that is pending. */
  flush(): void {
    const recorder = this.#recorder;
    if (recorder.pending.size === 0) {
      if (recorder.graph.nodes.length > 0 || recorder.inputs.size > 0) {
        this.#recorder = new Recorder(false);
      }
      this.#releaseOrphans();
      return;
    }
    for (const entry of recorder.inputs.keys()) this.values.toHost(entry);
    this.#recorder = new Recorder(false);
    try {
      this.#run(recorder);
    } catch (error) {
      for (const entry of recorder.pending) entry.failure = error;
      throw error;
    } finally {
      this.#releaseOrphans();
    }
  }

  #releaseOrphans(): void {
    for (const entry of this.#orphans) this.values.releaseFromDevice(entry);
    this.#orphans.clear();
  }

  #run(recorder: Recorder): void {
    const entries = [...recorder.pending];
    const program = programFor(entries.map((entry) => entry.value!));
    const session = this.sessions.for(program);
    const entryOf = new Map([...recorder.inputs].map(([entry, value]) => [value, entry]));
    const inputs = program.inputs.map((value) => this.values.onHost(entryOf.get(value)!));
    const outputs = entries.map(roomFor);
    session.bind(inputs, outputs).run();
    for (const [i, entry] of entries.entries()) {
      setHostValue(entry, outputs[i]!);
      delete entry.value;
      delete entry.recorder;
    }
  }

  #healthy(dataId: DataId): Entry {
    const entry = this.entry(dataId);
    if (entry.failure === undefined) return entry;
    throw new Error(
      `Cannot use a tensor of shape [${entry.shape.join(", ")}]: the graph that computes it failed`,
      { cause: entry.failure },
    );
  }

  /** The tensor with its array, which is computed or copied from the device first if need be. */
  materialize(dataId: DataId): Entry {
    const entry = this.computed(dataId);
    this.values.toHost(entry);
    return entry;
  }

  /** The tensor, computed first if need be; its values may be on the device. */
  computed(dataId: DataId): Entry {
    const entry = this.#healthy(dataId);
    if (entry.value) {
      if (this.#capture) {
        throw new Error(
          "Cannot read a tensor inside a compiled function: it is recorded once and has no values yet. Return the tensor and read it outside",
        );
      }
      if (entry.recorder !== this.#recorder) this.#refuseKept(entry);
      this.flush();
    }
    return entry;
  }

  #refuseKept(entry: Entry): never {
    throw new Error(
      `Cannot use a tensor of shape [${entry.shape.join(", ")}] that a compiled function made and kept: return it from the function instead`,
    );
  }

  #target(): Target {
    if (this.device) return { isDevice: true };
    const target = this.without.has("blockedConvolutions") ? {} : { channelBlock: channelBlock() };
    const { forms: measured } = this;
    if (!measured) return target;
    return { ...target, chooseForm: (forms, inputs) => measured.choose(forms, inputs) };
  }

  /**
   * Starts recording a function. Ends with `endCapture`.
   *
   * @param target what the graph is for; this machine unless told otherwise
   */
  beginCapture(target?: Target): Recorder {
    if (this.#capture) {
      throw new Error("Cannot compile inside a compiled function: compile the outer one alone");
    }
    this.flush();
    this.#capture = new Recorder(true, target ?? this.#target());
    return this.#capture;
  }

  endCapture(): void {
    this.#capture = undefined;
  }

  /** Whether reading a tensor now would see half an update, or disturb the device. */
  #isTorn(dataId: DataId): boolean {
    const isRunning = this.device?.running ?? false;
    if (!this.runs.writes && !isRunning) return false;
    const entry = this.entry(dataId);
    const read = entry.array ? [entry] : [entry, ...(entry.recorder?.inputs.keys() ?? [])];
    return read.some(
      (each) => this.runs.isWriting(each) || (isRunning && !each.array && !!each.deviceValue),
    );
  }

  override readSync(dataId: DataId): tf.backend_util.BackendValues {
    if (this.#isTorn(dataId)) {
      throw new Error(
        "Cannot read a variable while a compiled function updates it: await the function, or read with data()",
      );
    }
    const entry = this.computed(dataId);
    if (isFiled(entry)) return readFiled(entry);
    this.values.toHost(entry);
    const { array, strings, dtype } = entry;
    if (dtype === "string") return strings!;
    return array!.slice();
  }

  /** The values where they lie, or a copy from a file, for who only reads them: see `sharedValues`. */
  shareSync(dataId: DataId): HostArray {
    if (this.#isTorn(dataId)) {
      throw new Error(
        "Cannot share a variable while a compiled function updates it: await the function",
      );
    }
    const entry = this.computed(dataId);
    return isFiled(entry) ? readFiled(entry) : this.materialize(dataId).array!;
  }

  /** The same, once nothing writes to them. */
  async share(dataId: DataId): Promise<HostArray> {
    while (this.#isTorn(dataId)) await this.runs.settled;
    return this.shareSync(dataId);
  }

  /**
   * Writes new values over a tensor's, where they lie.
   *
   * @returns false, and nothing is written, unless they are in the host's memory, or a file, and nobody
   *   else's
   */
  async overwrite(dataId: DataId, values: HostArray): Promise<boolean> {
    while (this.#isTorn(dataId)) await this.runs.settled;
    this.flush(); // what is pending is of the old values
    const { array, refCount, isCaptured, deviceValue, place } = this.computed(dataId);
    if (refCount > 1 || isCaptured || deviceValue) return false;
    place?.file.writeSync(bytesOf(values), place.byteOffset);
    array?.set(values);
    return place !== undefined || array !== undefined;
  }

  /** A tensor whose values are in a file, of which nothing was written yet: see `zerosInFile`. */
  zerosInFile(place: FilePlace, shape: readonly number[], dtype: "float32"): tf.TensorInfo {
    if (this.device) {
      throw new InputError(
        `Cannot keep variables in ${place.file.name}: trainer.backend webgpu keeps them on the device; set trainer.backend to ort or leave out optimizer.offload`,
      );
    }
    const dataId: DataId = {};
    this.#data.set(dataId, { shape, dtype, refCount: 1, place });
    return { dataId, shape: [...shape], dtype };
  }

  keepInFile(variable: tf.Variable, place: FilePlace): void {
    this.filed.add(variable, place, this.entry(variable.dataId));
  }

  isKeptInFile(variable: tf.Variable): boolean {
    return this.filed.placeOf(variable) !== undefined;
  }

  putIntoFile(variable: tf.Variable): void {
    if (!this.isKeptInFile(variable)) return;
    this.flush(); // what is pending may be of the old values
    makeSole(this, variable);
    this.filed.settle(variable, this.computed(variable.dataId));
  }

  override async read(dataId: DataId): Promise<tf.backend_util.BackendValues> {
    while (this.#isTorn(dataId)) await this.runs.settled;
    return this.readSync(dataId);
  }

  override refCount(dataId: DataId): number {
    return this.#data.has(dataId) ? this.#data.get(dataId).refCount : 0;
  }

  override incRef(dataId: DataId): void {
    this.#data.get(dataId).refCount++;
  }

  decRef(dataId: DataId): void {
    if (this.#data.has(dataId)) this.#data.get(dataId).refCount--;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.#data.has(dataId)) return true;
    const entry = this.#data.get(dataId);
    entry.refCount--;
    if (!force && entry.refCount > 0) return false;
    entry.recorder?.pending.delete(entry);
    if (this.#recorder.inputs.has(entry)) this.#orphans.add(entry);
    else this.values.releaseFromDevice(entry);
    this.#data.delete(dataId);
    entry.isDisposed = true;
    return true;
  }

  override numDataIds(): number {
    return this.#data.numDataIds();
  }

  override memory(): { unreliable: boolean; reasons: string[] } {
    return { unreliable: true, reasons: ["pending tensors have no memory yet"] };
  }

  override timerAvailable(): boolean {
    return false;
  }

  /** Until everything is computed that `f` asks for. */
  override async time(f: () => void): Promise<{ kernelMs: number }> {
    this.flush();
    const start = performance.now();
    f();
    this.flush();
    return { kernelMs: performance.now() - start };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {
    this.sessions.clear();
  }
}
