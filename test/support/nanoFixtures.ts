import { readFileSync } from "node:fs";
import path from "node:path";

import type * as tf from "@tensorflow/tfjs";

import { toTensor } from "../../framework/base/hostTensor.ts";
import { readSafetensors } from "../../framework/weights/safetensors.ts";

const folder = path.join(import.meta.dirname, "../fixtures/nano/ops");

/** Numbers that the published libraries computed for one kind of operation. */
export interface OperationFixture<Scalars> {
  /** The caller disposes. */
  tensor: (name: string) => tf.Tensor;
  scalars: Scalars;
}

/** @param name such as `distill` */
export function operationFixture<Scalars>(name: string): OperationFixture<Scalars> {
  const tensors = readSafetensors(path.join(folder, `${name}.safetensors`));
  const scalars: Scalars = JSON.parse(readFileSync(path.join(folder, `${name}.json`), "utf8"));
  return {
    scalars,
    tensor(key) {
      const stored = tensors.get(key);
      if (!stored) throw new RangeError(`No tensor "${key}" in ${name}.safetensors`);
      return toTensor(stored);
    },
  };
}
