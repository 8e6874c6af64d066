import * as tf from "@tensorflow/tfjs";

import type { HostTensor } from "./hostTensor.ts";

/** A backend that lends its own arrays. */
interface SharingBackend {
  shareSync(dataId: object): HostTensor["values"];
  share(dataId: object): Promise<HostTensor["values"]>;
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
