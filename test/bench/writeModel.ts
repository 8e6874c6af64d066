import path from "node:path";

import type * as tf from "@tensorflow/tfjs";

import type { HostBatch } from "../../framework/base/hostTensor.ts";
import type { Parameters } from "../../framework/nn/parameterScope.ts";
import { writeSafetensors } from "../../framework/weights/safetensors.ts";

/**
 * Writes what PyTorch starts from.
 *
 * @returns the paths of the files
 */
export function writeModel(
  folder: string,
  parameters: Parameters,
  inputs: HostBatch,
): { weights: string; inputs: string } {
  const files = { weights: path.join(folder, "weights"), inputs: path.join(folder, "inputs") };
  writeSafetensors(files.weights, Array.from(parameters, readParameter));
  writeSafetensors(files.inputs, Object.entries(inputs));
  return files;
}

function readParameter([name, variable]: [string, tf.Variable]): [string, HostBatch[string]] {
  const values = variable.dataSync();
  if (!(values instanceof Float32Array)) {
    throw new TypeError(`Cannot hand over ${name}: expected float32, got ${variable.dtype}`);
  }
  return [name, { shape: variable.shape, values }];
}
