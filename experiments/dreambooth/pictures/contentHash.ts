import { createHash } from "node:crypto";

import * as tf from "@tensorflow/tfjs";
import { readParameters } from "seedbed";

/** A model as it is now: what decides what it computes. */
interface HashedModel {
  readonly config: object;
  readonly parameters: ReadonlyMap<string, tf.Variable>;
}

/** Names a model by the content of its weights and settings, and by who computes with it. */
export async function modelHash({ config, parameters }: HashedModel): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([config, tf.getBackend()]));
  for (const [name, { values, shape }] of await readParameters(parameters)) {
    hash.update(JSON.stringify([name, shape])).update(bytesOf(values));
  }
  return hash.digest("hex").slice(0, 16);
}

/** Names values by their content. */
export function valuesHash(values: Uint8Array | Int32Array, ...settings: unknown[]): string {
  const hash = createHash("sha256").update(JSON.stringify(settings)).update(bytesOf(values));
  return hash.digest("hex").slice(0, 32);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
