import { describeShape, sizeOf } from "./shape.ts";

/** Values on the host, before they become a tensor. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/** One batch as a data loader makes it: every entry's first axis is the batch. */
export type HostBatch = Readonly<Record<string, HostTensor>>;

/** @throws {RangeError} when the number of values does not fit the shape */
export function hostTensor(
  values: Float32Array | Int32Array,
  shape: readonly number[],
): HostTensor {
  if (values.length !== sizeOf(shape)) {
    throw new RangeError(
      `Cannot make a tensor: shape ${describeShape(shape)} needs ${sizeOf(shape)} values, got ${values.length}`,
    );
  }
  return { values, shape };
}
