import * as tf from "@tensorflow/tfjs";

import type { HostTensor } from "./hostTensor.ts";

/** A backend that lends its own arrays. */
interface SharingBackend {
  shareSync(dataId: object): HostTensor["values"];
  share(dataId: object): Promise<HostTensor["values"]>;
  overwrite(dataId: object, values: Float32Array): Promise<boolean>;
  adopt(values: Float32Array, shape: number[], dtype: "float32"): tf.TensorInfo;
}

function isSharing(backend: object): backend is SharingBackend {
  return "shareSync" in backend;
}

/**
 * A tensor's values where its backend has them, if they are in the host's memory: without a copy,
 * and not to be written to. A variable that is assigned to may have other arrays afterwards.
 */
export function sharedValues(tensor: tf.Tensor): HostTensor["values"] {
  const backend = tf.backend();
  if (isSharing(backend)) return backend.shareSync(tensor.dataId);
  return tensor.dataSync<"float32" | "int32">();
}

/** {@link sharedValues}, waiting for what writes to them. */
export async function lentValues(tensor: tf.Tensor): Promise<HostTensor["values"]> {
  const backend = tf.backend();
  if (isSharing(backend)) return backend.share(tensor.dataId);
  return tensor.data<"float32" | "int32">();
}

/** Gives a float32 variable new values: in the array that it has, where that is its own. */
export async function overwriteValues(variable: tf.Variable, values: Float32Array): Promise<void> {
  const backend = tf.backend();
  if (isSharing(backend) && (await backend.overwrite(variable.dataId, values))) return;
  const value = tf.tensor(values.slice(), variable.shape); // other backends keep what they are given
  variable.assign(value);
  value.dispose();
}

/**
 * Float32 tensors of values that stay as they are while these live; where the backend can, without a
 * copy. The caller disposes.
 *
 * @param tensors their values are over an explicit ArrayBuffer, so that they stay where they are
 */
export function tensorsOver(
  tensors: Readonly<Record<string, { values: Float32Array; shape: readonly number[] }>>,
): tf.NamedTensorMap {
  const backend = tf.backend();
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { values, shape }]) => [
      name,
      isSharing(backend)
        ? tf.engine().makeTensorFromTensorInfo(backend.adopt(values, [...shape], "float32"))
        : tf.tensor(values, [...shape]),
    ]),
  );
}

/** {@link sharedValues} of a model's parameters, by name. */
export function sharedParameters(
  parameters: ReadonlyMap<string, tf.Variable>,
): Map<string, HostTensor> {
  return new Map(
    Array.from(parameters, ([name, variable]) => [
      name,
      { shape: variable.shape, values: sharedValues(variable) },
    ]),
  );
}
