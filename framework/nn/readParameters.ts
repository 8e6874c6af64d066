import type * as tf from "@tensorflow/tfjs";

import { readTensor, type HostTensor } from "../base/hostTensor.ts";

/** Reads parameters back, e.g. to write them. */
export async function readParameters(
  parameters: ReadonlyMap<string, tf.Variable>,
): Promise<Map<string, HostTensor>> {
  const tensors = new Map<string, HostTensor>();
  for (const [name, variable] of parameters) tensors.set(name, await readTensor(variable));
  return tensors;
}
