import { type HostBatch, hostTensor, type HostTensor } from "../base/hostTensor.ts";
import { describeShape, sameShape, sizeOf } from "../base/shape.ts";
import type { Example } from "./dataset.ts";

/**
 * Stacks examples along a new first axis.
 *
 * @throws {RangeError} when they differ in their entries, shapes or types
 */
export function stackExamples(examples: readonly Example[]): HostBatch {
  const first = examples[0];
  if (!first) throw new RangeError("Cannot stack examples: expected some, got none");
  return Object.fromEntries(Object.keys(first).map((name) => [name, stackTensors(name, examples)]));
}

function stackTensors(name: string, examples: readonly Example[]): HostTensor {
  const first = examples[0]![name]!;
  const size = sizeOf(first.shape);
  const values =
    first.values instanceof Int32Array
      ? new Int32Array(size * examples.length)
      : new Float32Array(size * examples.length);
  examples.forEach((example, i) => {
    const tensor = example[name];
    checkAlike(name, first, tensor, Object.keys(example).length, Object.keys(examples[0]!).length);
    values.set(tensor!.values, i * size);
  });
  return hostTensor(values, [examples.length, ...first.shape]);
}

function checkAlike(
  name: string,
  first: HostTensor,
  tensor: HostTensor | undefined,
  entries: number,
  expectedEntries: number,
): void {
  if (!tensor || entries !== expectedEntries) {
    throw new RangeError(
      `Cannot stack examples: expected the same entries in all, got another set beside "${name}"`,
    );
  }
  const sameType = first.values instanceof Int32Array === tensor.values instanceof Int32Array;
  if (sameType && sameShape(first.shape, tensor.shape)) return;
  throw new RangeError(
    `Cannot stack examples: expected "${name}" alike in all, got ${describeTensor(first)} and ${describeTensor(tensor)}`,
  );
}

/** `float32 [2, 3]`, for messages. */
export function describeTensor({ shape, values }: HostTensor): string {
  return `${values instanceof Int32Array ? "int32" : "float32"} ${describeShape(shape)}`;
}

/** Joins batches along their first axis, in the order given. */
export function concatBatches(batches: readonly HostBatch[]): HostBatch {
  const rows = batches.flatMap((batch) => splitBatch(batch));
  return stackExamples(rows);
}

/** A batch's examples; they share its memory. */
export function splitBatch(batch: HostBatch): Example[] {
  const entries = Object.entries(batch);
  const length = entries[0]?.[1].shape[0] ?? 0;
  return Array.from({ length }, (_, i) =>
    Object.fromEntries(
      entries.map(([name, { values, shape }]) => {
        const size = sizeOf(shape.slice(1));
        return [name, hostTensor(values.subarray(i * size, (i + 1) * size), shape.slice(1))];
      }),
    ),
  );
}
