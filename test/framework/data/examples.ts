import { hostTensor } from "../../../framework/base/hostTensor.ts";
import type { Example } from "../../../framework/data/dataset.ts";

/** `x` holds the values, `id` the first of them. */
export function numbersExample(...values: number[]): Example {
  return {
    x: hostTensor(Float32Array.from(values), [values.length]),
    id: hostTensor(Int32Array.of(values[0]!), []),
  };
}

/** What a batch of such examples holds under `id`. */
export function idsOf(batch: Example): number[] {
  return [...batch["id"]!.values];
}
