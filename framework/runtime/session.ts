import { inspect } from "node:util";

import koffi from "koffi";

import { describeShape, sizeOf } from "../base/shape.ts";
import { operatorsOnCpu } from "./graphAssignment.ts";
import { loadRuntime, PointerSlot, type Pointer } from "./ortLibrary.ts";

/** What ONNX Runtime may read and write in place. Over an explicit ArrayBuffer, so it stays put. */
export type HostArray = Float32Array | Int32Array | Uint8Array;

/** Element types as the C API numbers them (ONNXTensorElementDataType). */
export const elementTypes = { float32: 1, uint8: 2, int8: 3, int32: 6, bool: 9 } as const;
/** Types of what the TF.js backend computes with. */
export type RuntimeType = "float32" | "int32" | "bool";
/** Types of what a session may be bound to; `int8` lies in a `Uint8Array` as well. */
export type BoundType = keyof typeof elementTypes;

/**
 * A new array that native code may keep a pointer to: never in the moving part of the heap.
 *
 * @throws {RangeError} when there is no memory for it
 */
export function allocate(dtype: BoundType, length: number): HostArray {
  try {
    return newArray(dtype, length);
  } catch (cause) {
    throw new RangeError(`Cannot allocate ${length} elements of ${dtype}: out of memory`, {
      cause,
    });
  }
}

function newArray(dtype: BoundType, length: number): HostArray {
  if (dtype === "float32") return new Float32Array(new ArrayBuffer(length * 4));
  if (dtype === "int32") return new Int32Array(new ArrayBuffer(length * 4));
  return new Uint8Array(new ArrayBuffer(length));
}

const finalizer = new FinalizationRegistry((pointer: Pointer) => {
  loadRuntime().api.releaseValue(pointer);
});

/** A tensor of ONNX Runtime's, in host memory or on a device. */
export interface NativeValue {
  readonly pointer: Pointer;
}

/** ONNX Runtime's view of an array, without a copy. Holds the array as long as it lives. */
export class RuntimeValue implements NativeValue {
  readonly pointer: Pointer;
  readonly array: HostArray;
  #isDisposed = false;

  /** @param array from `allocate` */
  constructor(array: HostArray, dtype: BoundType, shape: readonly number[]) {
    if (array.length !== sizeOf(shape)) {
      throw new RangeError(
        `Cannot hand an array to ONNX Runtime: shape ${describeShape(shape)} needs ${sizeOf(shape)} elements, got ${array.length}`,
      );
    }
    const { api, memoryInfo, check } = loadRuntime();
    const dimensions = BigInt64Array.from(shape, BigInt);
    const slot = new PointerSlot();
    check(
      api.createTensorWithDataAsOrtValue(
        memoryInfo,
        array,
        array.byteLength,
        dimensions,
        shape.length,
        elementTypes[dtype],
        slot.address,
      ),
      `hand a tensor of shape ${describeShape(shape)} to ONNX Runtime`,
    );
    this.pointer = slot.value;
    this.array = array;
    finalizer.register(this, this.pointer, this);
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    finalizer.unregister(this);
    loadRuntime().api.releaseValue(this.pointer);
  }
}

/** How much ONNX Runtime rewrites a graph: more costs time when the session is made. */
export type OptimizationLevel = "none" | "basic" | "extended" | "all";
const optimizationLevels = { none: 0, basic: 1, extended: 2, all: 99 } as const;

/**
 * Whom a value's memory is for when it was read last: `sameSize` lets it wait for a value of the
 * same size, which is quick; with `any` the session needs the least memory.
 */
export type MemoryReuse = "sameSize" | "any";

/** What runs a session's operators; those that `webgpu` lacks run on the CPU. */
export type Provider = "cpu" | "webgpu";

/**
 * ORT_PARALLEL. The processor has one queue of operators and the process one thread to run it, so
 * that they run in order all the same; but memory is not handed on from value to value.
 */
const parallelMode = 1;

/** A table of C strings whose memory does not move. */
function namesTable(names: readonly string[]): { table: BigUint64Array; keep: Uint8Array } {
  const encoded = names.map((name) => Buffer.from(`${name}\0`));
  const keep = new Uint8Array(new ArrayBuffer(encoded.reduce((sum, name) => sum + name.length, 1)));
  const table = new BigUint64Array(new ArrayBuffer(8 * Math.max(1, names.length)));
  const base = koffi.address(keep);
  let offset = 0;
  for (const [i, name] of encoded.entries()) {
    keep.set(name, offset);
    table[i] = base + BigInt(offset);
    offset += name.length;
  }
  return { table, keep };
}

/** One compiled ONNX model. */
export class Session {
  readonly #pointer: Pointer;
  readonly #inputs: ReturnType<typeof namesTable>;
  readonly #outputs: ReturnType<typeof namesTable>;
  /** What the graph reads where it lies, as long as the session lives. */
  readonly #initializers: {
    readonly names: ReturnType<typeof namesTable>;
    readonly values: ReadonlyMap<string, RuntimeValue>;
  };
  readonly inputCount: number;
  readonly outputCount: number;
  /** Operators that the provider left to the CPU, by type. Empty when it is the CPU. */
  readonly operatorsOnCpu: readonly string[];
  /** What is said in the place of ONNX Runtime's message when a run fails, made of it. */
  explain: (message: string) => string = (message) => message;
  #disposed = false;

  /**
   * @param initializers values of the initializers that the model says are in other files; not
   *   copied, but operators may keep what they read in a layout of their own as well
   * @throws {Error} with ONNX Runtime's own message when it refuses the model
   */
  constructor(
    model: Uint8Array,
    inputNames: readonly string[],
    outputNames: readonly string[],
    optimization: OptimizationLevel = "all",
    provider: Provider = "cpu",
    memoryReuse: MemoryReuse = "sameSize",
    initializers: ReadonlyMap<string, RuntimeValue> = new Map(),
  ) {
    const { api, environment, check } = loadRuntime();
    const slot = new PointerSlot();
    this.#initializers = { names: namesTable([...initializers.keys()]), values: initializers };
    check(api.createSessionOptions(slot.address), "configure a session");
    const options = slot.value;
    try {
      check(api.disablePerSessionThreads(options), "share the thread pool");
      // A block for all values would stay beside what the first run took for each: docs/decisions/0010.
      check(api.disableMemPattern(options), "take memory value by value");
      if (memoryReuse === "any") {
        check(api.setSessionExecutionMode(options, parallelMode), "free memory at once");
      }
      const profile = process.env["SEEDBED_PROFILE"];
      if (profile) check(api.enableProfiling(options, profile), "profile the session");
      check(
        api.setSessionGraphOptimizationLevel(options, optimizationLevels[optimization]),
        "set the optimization level",
      );
      if (initializers.size > 0) this.#giveInitializers(options);
      if (provider === "webgpu") {
        check(
          api.addSessionConfigEntry(options, "session.record_ep_graph_assignment_info", "1"),
          "record what runs where",
        );
        check(
          api.appendExecutionProvider(options, "WebGPU", null, null, 0),
          "open a WebGPU device",
        );
      }
      check(
        api.createSessionFromArray(environment, model, model.length, options, slot.address),
        "build the graph",
      );
    } finally {
      api.releaseSessionOptions(options);
    }
    this.#pointer = slot.value;
    this.#inputs = namesTable(inputNames);
    this.#outputs = namesTable(outputNames);
    this.inputCount = inputNames.length;
    this.outputCount = outputNames.length;
    this.operatorsOnCpu = provider === "cpu" ? [] : operatorsOnCpu(this.#pointer);
  }

  /** The first call alone would copy the values, the second alone would look for their files. */
  #giveInitializers(options: Pointer): void {
    const { api, check } = loadRuntime();
    const { names, values } = this.#initializers;
    const action = "give the graph its weights";
    const table = pointers([...values.values()]);
    check(api.addExternalInitializers(options, names.table, table, values.size), action);
    for (const [name, { pointer }] of values) {
      check(api.addInitializer(options, name, pointer), action);
    }
  }

  /** Fixes what the session reads and writes, in the order of its names; run it as often as wanted. */
  bind(inputs: readonly NativeValue[], outputs: readonly NativeValue[]): Binding {
    return new Binding(this, inputs, outputs);
  }

  /** Arguments of the C function `Run`. */
  runArguments(inputs: BigUint64Array, outputs: BigUint64Array): unknown[] {
    if (this.#disposed) throw new Error("Cannot run a session: it was disposed");
    return [
      this.#pointer,
      null,
      this.#inputs.table,
      inputs,
      this.inputCount,
      this.#outputs.table,
      this.outputCount,
      outputs,
    ];
  }

  /** Memory of a kind that the session's provider has. Lives as long as the session. */
  allocator(memoryInfo: Pointer): Pointer {
    const { api, check } = loadRuntime();
    const slot = new PointerSlot();
    check(api.createAllocator(this.#pointer, memoryInfo, slot.address), "allocate on the device");
    return slot.value;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    loadRuntime().api.releaseSession(this.#pointer);
  }
}

function pointers(values: readonly NativeValue[]): BigUint64Array {
  const table = new BigUint64Array(new ArrayBuffer(8 * Math.max(1, values.length)));
  values.forEach((value, i) => {
    table[i] = value.pointer;
  });
  return table;
}

/** A session with its inputs and outputs. Arrays must not be touched while `runAsync` is under way. */
export class Binding {
  readonly #session: Session;
  readonly #values: NativeValue[];
  readonly #inputs: BigUint64Array;
  readonly #outputs: BigUint64Array;

  constructor(session: Session, inputs: readonly NativeValue[], outputs: readonly NativeValue[]) {
    if (inputs.length !== session.inputCount || outputs.length !== session.outputCount) {
      throw new RangeError(
        `Cannot bind a session: it has ${session.inputCount} inputs and ${session.outputCount} outputs, got ${inputs.length} and ${outputs.length}`,
      );
    }
    this.#session = session;
    this.#values = [...inputs, ...outputs];
    this.#inputs = pointers(inputs);
    this.#outputs = pointers(outputs);
  }

  /** Points input `index` elsewhere; the new value has the old one's shape and type. */
  setInput(index: number, value: NativeValue): void {
    this.#inputs[index] = value.pointer;
    this.#values[index] = value;
  }

  run(): void {
    const { api } = loadRuntime();
    this.#check(api.run(...this.#session.runArguments(this.#inputs, this.#outputs)));
  }

  /** Runs on a worker thread; the event loop goes on. */
  async runAsync(): Promise<void> {
    const { api } = loadRuntime();
    const status = await new Promise<unknown>((resolve, reject) => {
      api.run.async(
        ...this.#session.runArguments(this.#inputs, this.#outputs),
        (error: unknown, result: unknown) => {
          if (error)
            reject(
              error instanceof Error ? error : new Error(`Cannot run the graph: ${inspect(error)}`),
            );
          else resolve(result);
        },
      );
    });
    this.#check(status);
  }

  #check(status: unknown): void {
    try {
      loadRuntime().check(status, "run the graph");
    } catch (cause) {
      if (!(cause instanceof Error)) throw cause;
      throw new Error(this.#session.explain(cause.message), { cause });
    }
  }
}
