/** @file Registers the backend "ort" with TF.js; the only module with an import side effect. */
import * as tf from "@tensorflow/tfjs";

import { runEagerly, type Compile } from "../base/compile.ts";
import { sizeOf } from "../base/shape.ts";
import type { KernelInputs, Lowering } from "../onnx/lowering.ts";
import * as complex from "../onnx/lowerings/complex.ts";
import * as lowerings from "../onnx/lowerings/index.ts";
import { loadRuntime } from "../runtime/ortLibrary.ts";
import type { HostArray } from "../runtime/session.ts";
import { channelBlock } from "./channelBlock.ts";
import { compileWith } from "./compile.ts";
import type { EngineReport } from "./counters.ts";
import { runOnCpu } from "./fallback.ts";
import { MeasuredForms } from "./measuredForms.ts";
import { OrtBackend } from "./ortBackend.ts";
import { pointsOutside } from "./pointsOutside.ts";
import { useTensorFlow } from "./tensorFlow.ts";
import { openWebGpu } from "./webGpu.ts";

/** The backends of ours: compiled functions run on the CPU, or on a WebGPU device. */
const ownBackends: Record<"ort" | "webgpu", () => OrtBackend> = {
  ort: () => new OrtBackend(),
  webgpu: () => new OrtBackend(openWebGpu()),
};
type OwnBackend = keyof typeof ownBackends;

function isOwn(name: string): name is OwnBackend {
  return name in ownBackends;
}

/** Kernels that only look at the same data in another shape or make no copy of it. */
const views: Record<
  string,
  (x: tf.TensorInfo, attrs: Record<string, unknown>) => number[] | undefined
> = {
  Identity: (x) => x.shape,
  Reshape: (x, { shape }) =>
    tf.util.inferFromImplicitShape(integers(shape), tf.util.sizeFromShape(x.shape)),
  ExpandDims: (x, { dim }) => {
    const [axis = 0] = integers(dim);
    const at = axis < 0 ? axis + x.shape.length + 1 : axis;
    return at < 0 || at > x.shape.length ? undefined : x.shape.toSpliced(at, 0, 1);
  },
  Cast: (x, { dtype }) => (x.dtype === dtype ? x.shape : undefined),
};
export const viewNames: readonly string[] = Object.keys(views);

/** A kernel attribute that is a list of integers. */
function integers(value: unknown): number[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((each) => {
    if (typeof each === "number" && Number.isInteger(each)) return each;
    throw new TypeError(`Cannot reshape: expected integers, got ${JSON.stringify(value)}`);
  });
}

/** Also those of an input that is a list, which TF.js's types do not say. */
function tensorsOf(inputs: tf.NamedTensorInfoMap): (tf.TensorInfo | undefined)[] {
  return Object.values(inputs).flat();
}

/** Inputs whose lack of elements means that each is 1. */
const optionalInputs = new Set(["weights"]);

/** Kernels whose results are complex numbers, and those whose inputs are. */
const givesComplex = new Set(["Complex", "FFT", "IFFT"]);
const takesComplex = new Set(Object.keys(complex).filter((name) => name !== "Complex"));

function isLowerable(kernel: string, inputs: tf.NamedTensorInfoMap): boolean {
  const isTaken = (dtype: tf.DataType): boolean =>
    takesComplex.has(kernel)
      ? dtype === "complex64"
      : dtype === "float32" || dtype === "int32" || dtype === "bool";
  return Object.entries(inputs).every(([name, given]) =>
    [given]
      .flat()
      .every(
        (info) =>
          !info || (isTaken(info.dtype) && (sizeOf(info.shape) > 0 || optionalInputs.has(name))),
      ),
  );
}

/** Records the kernel, or returns undefined when its lowering cannot express this call. */
function record(
  backend: OrtBackend,
  name: string,
  lowering: Lowering<never>,
  inputs: tf.NamedTensorInfoMap,
  attrs: tf.NamedAttrMap,
): tf.TensorInfo | tf.TensorInfo[] | undefined {
  const { builder, graph } = backend.recorderForKernel();
  const values: Record<string, KernelInputs[string]> = {};
  for (const [key, info] of Object.entries(inputs))
    if (info) values[key] = backend.graphValue(info);
  graph.kernel = name;
  if (!areFor(lowering, attrs)) return undefined;
  const result = lowering(builder, values, attrs);
  if (result === undefined) return undefined;
  const outputs = "id" in result ? [result] : result;
  if (outputs.some((output) => sizeOf(output.shape) === 0)) return undefined;
  backend.counters.lowered.add(name);
  const infos = outputs.map((output) =>
    givesComplex.has(name) ? backend.promiseComplex(output) : backend.promise(output),
  );
  return "id" in result ? infos[0]! : infos;
}

/** TF.js's typed operations are the callers: a kernel of this name comes with its attributes. */
function areFor<A>(_lowering: Lowering<A>, attrs: unknown): attrs is A {
  return typeof attrs === "object" && attrs !== null;
}

function asOrt(backend: unknown): OrtBackend {
  if (backend instanceof OrtBackend) return backend;
  throw new TypeError("Cannot use our backend: another one has its name");
}

function kernelFunc(name: string, lowering: Lowering<never> | undefined): tf.KernelFunc {
  return ({ inputs, attrs = {}, backend: given }) => {
    const backend = asOrt(given);
    const x = inputs["x"] ?? inputs["input"]; // ExpandDims has the latter
    const shape = x && views[name]?.(x, attrs);
    if (shape) {
      backend.incRef(x.dataId);
      return { dataId: x.dataId, shape, dtype: x.dtype };
    }
    const valuesOf = (input?: tf.TensorInfo): HostArray | undefined =>
      input && backend.entry(input.dataId).array;
    const recorded =
      lowering && isLowerable(name, inputs) && !pointsOutside(name, { inputs, attrs, valuesOf })
        ? record(backend, name, lowering, inputs, attrs)
        : undefined;
    if (recorded) return recorded;
    if (backend.capturing && Object.keys(inputs).length > 0 && !known(backend, inputs)) {
      throw new Error(
        `Cannot compile graph: no lowering for kernel "${name}" of ${describe(inputs)}; export one from framework/onnx/lowerings/`,
      );
    }
    backend.counters.fallbacks.add(name);
    return runOnCpu(backend, name, inputs, attrs);
  };
}

/** True when all inputs were written during this capture, so that the result is a constant. */
function known(backend: OrtBackend, inputs: tf.NamedTensorInfoMap): boolean {
  return tensorsOf(inputs).every(
    (info) => !info || backend.entry(info.dataId).madeBy === backend.recorder,
  );
}

function describe(inputs: tf.NamedTensorInfoMap): string {
  return Object.entries(inputs)
    .map(([key, info]) => `${key} ${info?.dtype} [${info?.shape.join(", ")}]`)
    .join(", ");
}

const registered = new Set<OwnBackend>();

/** Makes a backend known to TF.js: every kernel that is lowered or that the CPU backend has. */
export function register(backendName: OwnBackend): void {
  if (registered.has(backendName)) return;
  registered.add(backendName);
  tf.registerBackend(backendName, ownBackends[backendName], 0);
  const lowered = new Map<string, Lowering<never>>(Object.entries(lowerings));
  const names = new Set([
    ...Object.keys(views),
    ...lowered.keys(),
    ...tf.getKernelsForBackend("cpu").map(({ kernelName }) => kernelName),
  ]);
  for (const kernelName of names) {
    const func = kernelFunc(kernelName, lowered.get(kernelName));
    tf.registerKernel({ kernelName, backendName, kernelFunc: func });
  }
}

export interface BackendOptions {
  /** Threads of ONNX Runtime's pool, the calling one included. Default: the machine's cores. */
  threads?: number;
  /**
   * A file: the forms of convolutions are measured once for each shape, and remembered in it. `ort`
   * alone.
   */
  formsFile?: string;
}

/** Makes a backend the active one, and says how to compile for it. */
export async function useBackend(
  name: "ort" | "webgpu" | "tensorflow" | "cpu",
  { threads, formsFile }: BackendOptions = {},
): Promise<{ compile: Compile; report: () => string }> {
  if (name === "cpu") {
    await tf.setBackend("cpu");
    return { compile: runEagerly, report: () => "backend cpu" };
  }
  if (name === "tensorflow") {
    const found = await useTensorFlow();
    return { compile: runEagerly, report: () => `backend tensorflow, by ${found}` };
  }
  loadRuntime(threads);
  if (name === "webgpu") openWebGpu(); // TF.js would hide why there is no device
  register(name);
  await tf.setBackend(name);
  const backend = ortBackend(name);
  backend.forms =
    formsFile === undefined
      ? undefined
      : new MeasuredForms(formsFile, backend.sessions, { channelBlock: channelBlock() });
  return { compile: compileWith(backend), report: () => describeEngine(name) };
}

/** @param name by default the active backend, or "ort" if that is not one of ours */
export function ortBackend(name: string = tf.getBackend()): OrtBackend {
  return asOrt(tf.engine().findBackend(isOwn(name) ? name : "ort"));
}

/** What the backend has done so far. */
export function engineReport(name?: OwnBackend): EngineReport {
  const { counters, device } = ortBackend(name);
  return counters.report(loadRuntime().threads, device?.report());
}

/** One line: threads, the kernels that ran without a lowering, the operators a device lacks. */
function describeEngine(name: OwnBackend): string {
  const { threads, fallbacks, operatorsOnCpu } = engineReport(name);
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([each, count]) => `${each} ${count}x`)
      .join(", ") || "none";
  const onCpu = name === "webgpu" ? `, operators on the CPU: ${list(operatorsOnCpu)}` : "";
  return `backend ${name}, ${threads} threads, kernels without a lowering: ${list(fallbacks)}${onCpu}`;
}
