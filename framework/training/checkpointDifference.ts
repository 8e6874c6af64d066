import path from "node:path";

import type { HostTensor } from "../base/hostTensor.ts";
import { sameShape, sizeOf } from "../base/shape.ts";
import { openCheckpointTensors, readCheckpointContent, tensorFiles } from "./checkpoint.ts";
import { checkpointStep, listCheckpoints } from "./checkpointFolder.ts";

/** A tensor that is not the same in two checkpoints. */
export interface TensorDifference {
  /** As `parameters/unet.weight`, `optimizer/…`, `otherState/…`, `callbacks/…`. */
  readonly name: string;
  /** Values that differ, of so many; `all` where the tensor is missing, or has another shape. */
  readonly differing: number | "all";
  readonly size: number;
  /** The largest difference of two values. */
  readonly largest: number;
}

export interface CheckpointComparison {
  readonly step: number;
  readonly differences: readonly TensorDifference[];
  /** Tensors that are the same to the last bit. */
  readonly equal: number;
}

/**
 * Compares the newest whole checkpoint of a step that both folders have one of; undefined when there
 * is none. Parameters come first.
 */
export function compareLastCheckpoints(
  first: string,
  second: string,
): CheckpointComparison | undefined {
  const others = stepsOf(second);
  const common = [...stepsOf(first)].find(([each]) => others.has(each));
  if (!common) return undefined;
  const [step, one] = common;
  const other = others.get(step)!;
  const differences: TensorDifference[] = [];
  let equal = 0;
  for (const file of tensorFiles) {
    const [a, b] = [openCheckpointTensors(one, file), openCheckpointTensors(other, file)];
    for (const name of new Set([...a.keys(), ...b.keys()])) {
      const difference = compareTensors(`${file}/${name}`, a.get(name), b.get(name));
      if (difference) differences.push(difference);
      else equal++;
    }
  }
  return { step, differences, equal };
}

/** Whole checkpoints by their step, the newest first. */
function stepsOf(folder: string): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const name of listCheckpoints(folder)) {
    const step = checkpointStep(folder, name);
    const checkpoint = path.join(folder, name);
    if (step === undefined || step < 0 || found.has(step)) continue;
    if (readCheckpointContent(checkpoint).weightsOnly !== true) found.set(step, checkpoint);
  }
  return found;
}

function compareTensors(
  name: string,
  first: HostTensor | undefined,
  second: HostTensor | undefined,
): TensorDifference | undefined {
  const size = sizeOf((first ?? second)!.shape);
  if (!first || !second || !sameShape(first.shape, second.shape)) {
    return { name, differing: "all", size, largest: Number.NaN };
  }
  const [values, others] = [first.values, second.values]; // each time read from the file
  let [differing, largest] = [0, 0];
  for (const [i, value] of values.entries()) {
    const other = others[i]!;
    if (Object.is(value, other)) continue;
    differing++;
    largest = Math.max(largest, Math.abs(Number(value) - Number(other)));
  }
  return differing === 0 ? undefined : { name, differing, size, largest };
}
