import * as tf from "@tensorflow/tfjs";

import type { OrtBackend } from "./ortBackend.ts";

/** Copies a tensor of ours to TF.js's CPU backend. */
function toCpu(backend: OrtBackend, cpu: tf.KernelBackend, info: tf.TensorInfo): tf.TensorInfo {
  const { array, strings, dtype } = backend.materialize(info.dataId);
  const { shape } = info;
  if (dtype !== "complex64") {
    const values = dtype === "string" ? strings! : array!;
    // Some kernels ask for the rank, which whole tensors have.
    const copy = { dataId: cpu.write(values, shape, dtype), shape, dtype, rank: shape.length };
    return copy;
  }
  const part = (offset: number): tf.TensorInfo => ({
    dataId: cpu.write(
      Float32Array.from({ length: array!.length / 2 }, (_, i) => array![2 * i + offset]!),
      shape,
      "float32",
    ),
    shape,
    dtype: "float32",
  });
  const inputs = { real: part(0), imag: part(1) };
  const complex = kernelOf("Complex")({ inputs, backend: cpu, attrs: {} });
  return Array.isArray(complex) ? complex[0]! : complex;
}

function kernelOf(name: string): tf.KernelFunc {
  const kernel = tf.getKernel(name, "cpu");
  if (!kernel) {
    throw new Error(
      `Cannot run kernel "${name}": it has no lowering and TF.js's CPU backend does not have it either`,
    );
  }
  return kernel.kernelFunc;
}

/** Runs one kernel on TF.js's CPU backend: reads its inputs, which runs the pending graph. */
export function runOnCpu(
  backend: OrtBackend,
  name: string,
  inputs: tf.NamedTensorInfoMap,
  attrs: tf.NamedAttrMap,
): tf.TensorInfo | tf.TensorInfo[] {
  const kernelFunc = kernelOf(name);
  const cpu = tf.engine().findBackend("cpu");
  const copies: tf.TensorInfo[] = [];
  const copied = (input: tf.TensorInfo): tf.TensorInfo => {
    // An input may be a list, which TF.js's types do not say.
    if (Array.isArray(input)) return Object.assign([], input, input.map(copied));
    const copy = toCpu(backend, cpu, input);
    copies.push(copy);
    return copy;
  };
  const names = Object.entries(inputs).filter(([, info]) => info !== undefined && info !== null);
  const named: tf.NamedTensorInfoMap = Object.fromEntries(
    names.map(([key, info]) => [key, copied(info!)]),
  );
  // Kernels such as Concat take a list.
  const collected = Array.isArray(inputs) ? Object.assign([], named) : named;
  const result = kernelFunc({ inputs: collected, backend: cpu, attrs });
  const outputs = (Array.isArray(result) ? result : [result]).map((info) => {
    const values = cpu.readSync(info.dataId);
    const { shape, dtype } = info;
    return { dataId: backend.write(values, shape, dtype), shape, dtype };
  });
  const done = new Set(
    [...copies, ...(Array.isArray(result) ? result : [result])].map(({ dataId }) => dataId),
  );
  for (const dataId of done) cpu.disposeData(dataId, true);
  return Array.isArray(result) ? outputs : outputs[0]!;
}
