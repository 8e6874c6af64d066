import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import path from "node:path";

import koffi, { type KoffiFunc } from "koffi";

import { keepLoaded } from "../base/keepLoaded.ts";
import { deepenStack } from "../base/nativeStack.ts";

/** An address in native memory. */
export type Pointer = bigint;

/** A call through ONNX Runtime's C API; every argument is a pointer or a number. */
type NativeCall = KoffiFunc<(...args: unknown[]) => Pointer | null>;

const apiVersion = 24;
const fatalOnly = 4; // ORT_LOGGING_LEVEL_FATAL: errors come back as a status, warnings are not for users

/**
 * Entries of the OrtApi table: index, C result, C arguments. The table only ever grows, so the
 * indices hold for every later version of the library.
 *
 * Source: onnxruntime_c_api.h of ONNX Runtime 1.24 (API version 24).
 */
const entries = {
  getErrorMessage: [2, "const char *", ["void *"]],
  createSessionFromArray: [8, "void *", ["void *", "void *", "size_t", "void *", "void *"]],
  run: [
    9,
    "void *",
    ["void *", "void *", "void *", "void *", "size_t", "void *", "size_t", "void *"],
  ],
  createSessionOptions: [10, "void *", ["void *"]],
  enableProfiling: [14, "void *", ["void *", "str"]],
  setSessionExecutionMode: [13, "void *", ["void *", "int"]],
  disableMemPattern: [17, "void *", ["void *"]],
  setSessionGraphOptimizationLevel: [23, "void *", ["void *", "int"]],
  createTensorAsOrtValue: [48, "void *", ["void *", "void *", "size_t", "int", "void *"]],
  createTensorWithDataAsOrtValue: [
    49,
    "void *",
    ["void *", "void *", "size_t", "void *", "size_t", "int", "void *"],
  ],
  createMemoryInfo: [68, "void *", ["str", "int", "int", "int", "void *"]],
  createCpuMemoryInfo: [69, "void *", ["int", "int", "void *"]],
  memoryInfoGetName: [71, "void *", ["void *", "void *"]],
  releaseStatus: [93, "void", ["void *"]],
  releaseMemoryInfo: [94, "void", ["void *"]],
  releaseSession: [95, "void", ["void *"]],
  releaseValue: [96, "void", ["void *"]],
  releaseSessionOptions: [100, "void", ["void *"]],
  createEnvWithGlobalThreadPools: [119, "void *", ["int", "str", "void *", "void *"]],
  disablePerSessionThreads: [120, "void *", ["void *"]],
  createThreadingOptions: [121, "void *", ["void *"]],
  addSessionConfigEntry: [130, "void *", ["void *", "str", "str"]],
  createAllocator: [131, "void *", ["void *", "void *", "void *"]],
  setGlobalIntraOpNumThreads: [147, "void *", ["void *", "int"]],
  setGlobalInterOpNumThreads: [148, "void *", ["void *", "int"]],
  addInitializer: [150, "void *", ["void *", "str", "void *"]],
  getTensorMemoryInfo: [194, "void *", ["void *", "void *"]],
  addExternalInitializers: [210, "void *", ["void *", "void *", "void *", "size_t"]],
  appendExecutionProvider: [216, "void *", ["void *", "str", "void *", "void *", "size_t"]],
  copyTensors: [386, "void *", ["void *", "void *", "void *", "void *", "size_t"]],
  sessionGetEpGraphAssignmentInfo: [407, "void *", ["void *", "void *", "void *"]],
  epAssignedSubgraphGetEpName: [408, "void *", ["void *", "void *"]],
  epAssignedSubgraphGetNodes: [409, "void *", ["void *", "void *", "void *"]],
  epAssignedNodeGetOperatorType: [412, "void *", ["void *", "void *"]],
} as const;

export type OrtApi = Record<keyof typeof entries, NativeCall>;

const libraryNames: Partial<Record<NodeJS.Platform, RegExp>> = {
  linux: /^libonnxruntime\.so/,
  darwin: /^libonnxruntime\..*dylib$/,
  win32: /^onnxruntime\.dll$/,
};

/** The shared library that onnxruntime-node ships for this platform. */
function findLibrary(): string {
  const entry = createRequire(import.meta.url).resolve("onnxruntime-node/package.json");
  const binaries = path.join(path.dirname(entry), "bin");
  const pattern = libraryNames[process.platform];
  for (const version of existsSync(binaries) ? readdirSync(binaries).toSorted().toReversed() : []) {
    const folder = path.join(binaries, version, process.platform, process.arch);
    const file = existsSync(folder)
      ? readdirSync(folder).find((name) => pattern?.test(name))
      : undefined;
    if (file) return path.join(folder, file);
  }
  throw new Error(
    `Cannot find ONNX Runtime for ${process.platform}-${process.arch} below ${binaries}; set trainer.backend to cpu`,
  );
}

/** A slot that a C function writes a pointer into. Its memory does not move. */
export class PointerSlot {
  readonly #cell = new BigUint64Array(new ArrayBuffer(8));
  get address(): BigUint64Array {
    return this.#cell;
  }
  get value(): Pointer {
    return this.#cell[0]!;
  }
}

/** One loaded library, environment and thread pool: there is one for the process. */
export interface OrtRuntime {
  readonly api: OrtApi;
  readonly environment: Pointer;
  readonly memoryInfo: Pointer;
  readonly threads: number;
  /** Of the library. */
  readonly version: string;
  /** Throws what a status says; null is success. */
  readonly check: (status: unknown, action: string) => void;
}

let runtime: OrtRuntime | undefined;
/** koffi unloads a library whose handle is collected: these stay reachable for good. */
const keepAlive: unknown[] = [];

function loadApi(): { api: OrtApi; version: string } {
  deepenStack();
  const file = findLibrary();
  const library = koffi.load(file);
  keepLoaded(file);
  const getBase = library.func("void *OrtGetApiBase()");
  const base: unknown = getBase();
  const getVersion: unknown = koffi.decode(base, 8, "void *");
  const version = String(koffi.call(getVersion, koffi.proto("const char *OrtGetVersionString()")));
  const getApi: unknown = koffi.decode(base, "void *");
  const tableOf = koffi.proto("void *OrtGetApi(uint32_t version)");
  const table: unknown = koffi.call(getApi, tableOf, apiVersion);
  keepAlive.push(library, getBase);
  const api: Partial<Record<keyof typeof entries, NativeCall>> = {};
  for (const name of Object.keys(entries)) {
    if (!isEntry(name)) continue;
    const [index, result, args] = entries[name];
    const address: unknown = koffi.decode(table, index * 8, "void *");
    const call: unknown = koffi.decode(address, koffi.proto(`Ort_${name}`, result, [...args]));
    if (isNativeCall(call)) api[name] = call;
  }
  if (isWhole(api)) return { api, version };
  throw new Error("Cannot load ONNX Runtime: its table of functions has gaps");
}

function isNativeCall(value: unknown): value is NativeCall {
  return typeof value === "function" && "async" in value;
}

function isWhole(api: Partial<OrtApi>): api is OrtApi {
  return Object.keys(entries).every((name) => name in api);
}

function isEntry(name: string): name is keyof typeof entries {
  return name in entries;
}

/**
 * Loads ONNX Runtime with one thread pool for the process.
 *
 * @param threads of the pool, counting the thread that calls; fixed by the first call
 * @throws {Error} when the library cannot be loaded, or is asked for another number of threads
 */
export function loadRuntime(threads?: number): OrtRuntime {
  if (runtime) {
    if (threads !== undefined && threads !== runtime.threads) {
      throw new Error(
        `Cannot change the number of threads: this process runs ONNX Runtime with ${runtime.threads}, got ${threads}`,
      );
    }
    return runtime;
  }
  const { api, version } = loadApi();
  const check = (status: unknown, action: string): void => {
    if (status === null || status === 0n || status === undefined) return;
    const message = String(api.getErrorMessage(status)).trimEnd();
    api.releaseStatus(status);
    throw new Error(`Cannot ${action}: ${message}`);
  };
  const count = threads ?? availableParallelism();
  const slot = new PointerSlot();
  check(api.createThreadingOptions(slot.address), "configure ONNX Runtime's threads");
  const threading = slot.value;
  check(api.setGlobalIntraOpNumThreads(threading, count), "set the number of threads");
  check(api.setGlobalInterOpNumThreads(threading, 1), "run one operator at a time");
  check(
    api.createEnvWithGlobalThreadPools(fatalOnly, "seedbed", threading, slot.address),
    "start ONNX Runtime",
  );
  const environment = slot.value;
  check(api.createCpuMemoryInfo(1, 0, slot.address), "describe the processor's memory");
  runtime = { api, environment, memoryInfo: slot.value, threads: count, version, check };
  return runtime;
}
