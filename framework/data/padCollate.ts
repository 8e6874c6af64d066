import { type HostBatch, hostTensor, type HostTensor } from "../base/hostTensor.ts";
import { sameShape, sizeOf } from "../base/shape.ts";
import type { Example } from "./dataset.ts";
import { describeTensor, stackExamples } from "./stackExamples.ts";

/** How one entry is padded along its first axis. */
export interface Padding {
  /** What fills the end of shorter sequences, such as the pad token's id. */
  value: number;
  /** Adds an entry of this name: int32 `[batch, length]`, 1 where the sequence is, 0 where padding. */
  mask?: string;
}

export interface PadCollateOptions {
  /** The entries to pad, by name. All others must be alike in a batch. */
  entries: Readonly<Record<string, Padding>>;
  /**
   * Pads to a multiple of this length; 1 by default. A compiled step is compiled once per shape:
   * a large multiple keeps the shapes few.
   */
  multipleOf?: number;
}

/**
 * A `collate` for sequences of different lengths: pads the named entries at their end to the
 * longest one of the batch, then stacks.
 */
export function padCollate(
  options: PadCollateOptions,
): (examples: readonly Example[]) => HostBatch {
  const { entries, multipleOf = 1 } = options;
  if (!Number.isInteger(multipleOf) || multipleOf < 1) {
    throw new RangeError(`Cannot pad: multipleOf must be an integer >= 1, got ${multipleOf}`);
  }
  return (examples) => {
    const padded: Record<string, HostTensor>[] = examples.map((example) => ({ ...example }));
    for (const [name, padding] of Object.entries(entries)) {
      const length = commonLength(name, examples, multipleOf);
      for (const example of padded) padEntry(example, name, padding, length);
    }
    return stackExamples(padded);
  };
}

function commonLength(name: string, examples: readonly Example[], multipleOf: number): number {
  const first = examples[0]?.[name];
  let longest = 0;
  for (const example of examples) {
    const tensor = example[name];
    const axis = tensor?.shape[0];
    if (!first || !tensor || axis === undefined) {
      throw new RangeError(
        `Cannot pad "${name}": expected a sequence in every example, got ${tensor ? describeTensor(tensor) : "none"}`,
      );
    }
    if (!sameShape(tensor.shape.slice(1), first.shape.slice(1))) {
      throw new RangeError(
        `Cannot pad "${name}": expected examples that differ in the first axis alone, got ${describeTensor(first)} and ${describeTensor(tensor)}`,
      );
    }
    longest = Math.max(longest, axis);
  }
  return Math.ceil(longest / multipleOf) * multipleOf;
}

function padEntry(
  example: Record<string, HostTensor>,
  name: string,
  { value, mask }: Padding,
  length: number,
): void {
  const { values, shape } = example[name]!;
  const paddedShape = [length, ...shape.slice(1)];
  const size = sizeOf(paddedShape);
  const padded = values instanceof Int32Array ? new Int32Array(size) : new Float32Array(size);
  padded.fill(value, values.length);
  padded.set(values);
  example[name] = hostTensor(padded, paddedShape);
  if (mask === undefined) return;
  if (mask in example) {
    throw new RangeError(`Cannot pad "${name}": the examples have an entry "${mask}" already`);
  }
  example[mask] = hostTensor(new Int32Array(length).fill(1, 0, shape[0]), [length]);
}
