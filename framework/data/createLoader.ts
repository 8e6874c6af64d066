import { type HostBatch, hostTensor, type HostTensor } from "../base/hostTensor.ts";
import { RandomStream } from "../base/random.ts";
import { describeShape, sameShape, sizeOf } from "../base/shape.ts";
import type { DataLoader } from "./dataLoader.ts";
import type { EpochOrder } from "./epochOrder.ts";

/** One example: a batch's entries without the batch axis. A scalar has shape `[]`. */
export type Example = HostBatch;

export interface LoaderOptions {
  order: EpochOrder;
  batchSize: number;
  /** Seeds what `fetch` draws; the order has a seed of its own. */
  seed: number;
  /**
   * Makes one example. `random` is keyed by (seed, epoch, position), so that the same position
   * draws the same numbers however often it is asked for.
   */
  fetch: (index: number, random: RandomStream) => Example | Promise<Example>;
  /**
   * Leaves out a last batch that is not full, so that all have one shape; on by default. Without
   * it the last batch is shorter.
   */
  dropLast?: boolean;
}

/** Batches of single examples, stacked along a new first axis. */
export function createLoader(options: LoaderOptions): DataLoader {
  const { order, batchSize, seed, fetch, dropLast = true } = options;
  const length = batchCount(order.length, batchSize, dropLast);
  return {
    length,
    async batch(epoch, index) {
      checkIndex(index, length);
      const indices = order.indices(epoch);
      const start = index * batchSize;
      const examples: Example[] = [];
      for (let i = start; i < Math.min(start + batchSize, indices.length); i++) {
        const random = new RandomStream(seed, "examples", epoch * order.length + i);
        examples.push(await fetch(indices[i]!, random));
      }
      return stackExamples(examples);
    },
  };
}

/** A loader over examples that are in memory already. */
export function arrayLoader(
  examples: readonly Example[],
  options: Omit<LoaderOptions, "fetch" | "seed">,
): DataLoader {
  return createLoader({ ...options, seed: 0, fetch: (index) => examples[index]! });
}

function batchCount(examples: number, batchSize: number, dropLast: boolean): number {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(
      `Cannot load batches: batchSize must be an integer >= 1, got ${batchSize}`,
    );
  }
  const count = dropLast ? Math.floor(examples / batchSize) : Math.ceil(examples / batchSize);
  if (count === 0) {
    throw new RangeError(
      `Cannot load batches: expected at least ${batchSize} examples for one batch, got ${examples}`,
    );
  }
  return count;
}

function checkIndex(index: number, length: number): void {
  if (Number.isInteger(index) && index >= 0 && index < length) return;
  throw new RangeError(`Cannot load a batch: expected an index in [0, ${length}), got ${index}`);
}

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

function describeTensor({ shape, values }: HostTensor): string {
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
