import type * as tf from "@tensorflow/tfjs";

import { hostTensor } from "../base/hostTensor.ts";
import { sizeOf } from "../base/shape.ts";
import type { Dataset } from "./dataset.ts";

/**
 * Examples along the first axis of tensors, such as those that TF.js's `model.fit` is given. The
 * values are copied; the tensors stay the caller's.
 *
 * @throws {RangeError} when the tensors hold different numbers of examples
 * @throws {TypeError} when one holds no numbers
 */
export async function tensorDataset(tensors: tf.NamedTensorMap): Promise<Dataset> {
  const columns = await Promise.all(
    Object.entries(tensors).map(async ([name, tensor]) => {
      const [length = 0, ...shape] = tensor.shape;
      return { name, length, shape, values: await readNumbers(name, tensor) };
    }),
  );
  const length = columns[0]?.length ?? 0;
  for (const column of columns) {
    if (column.length === length) continue;
    throw new RangeError(
      `Cannot make a dataset: expected as many examples in "${column.name}" as in "${columns[0]!.name}", got ${column.length} and ${length}`,
    );
  }
  return {
    length,
    get: (index) =>
      Object.fromEntries(
        columns.map(({ name, shape, values }) => {
          const size = sizeOf(shape);
          return [name, hostTensor(values.slice(index * size, (index + 1) * size), shape)];
        }),
      ),
  };
}

async function readNumbers(name: string, tensor: tf.Tensor): Promise<Float32Array | Int32Array> {
  const values = await tensor.data();
  if (values instanceof Float32Array || values instanceof Int32Array) return values;
  if (values instanceof Uint8Array) return Int32Array.from(values);
  throw new TypeError(
    `Cannot make a dataset: expected numbers in "${name}", got dtype ${tensor.dtype}`,
  );
}
