import { RandomStream } from "../base/random.ts";
import { checkBatchSize } from "./dataLoader.ts";
import { remembered, type EpochOrder } from "./epochOrder.ts";

export interface GroupedOptions {
  /** That of the loader, or of all processes together under `distributedOrder`. */
  batchSize: number;
  seed: number;
  /** Batches of an epoch at least; all examples are visited again for them. Default: 1. */
  batches?: number;
}

/**
 * Every example at least once an epoch, in batches of one group, such as pictures of one size. A
 * group's last batch is filled up with examples of the group that were visited already; the batches
 * of all groups are shuffled.
 *
 * @param groups of each example, a number
 */
export function groupedOrder(groups: ArrayLike<number>, options: GroupedOptions): EpochOrder {
  const { batchSize, seed, batches: wanted = 1 } = options;
  checkBatchSize(batchSize);
  const members = membersOf(groups);
  const perPass = members.reduce((sum, { length }) => sum + Math.ceil(length / batchSize), 0);
  const count = Math.max(perPass, wanted);
  return remembered(count * batchSize, (epoch) => {
    const random = new RandomStream(seed, "order/grouped", epoch);
    const batches: Int32Array[] = [];
    while (batches.length < count) {
      const pass = members.flatMap((examples) => batchesOf(examples, batchSize, random));
      for (const at of random.permutation(pass.length)) batches.push(pass[at]!);
    }
    const indices = new Int32Array(count * batchSize);
    for (let at = 0; at < count; at++) indices.set(batches[at]!, at * batchSize);
    return indices;
  });
}

/** The examples of each group, groups in the order of their first examples. */
function membersOf(groups: ArrayLike<number>): number[][] {
  const members = new Map<number, number[]>();
  for (let index = 0; index < groups.length; index++) {
    const group = groups[index]!;
    if (!members.has(group)) members.set(group, []);
    members.get(group)!.push(index);
  }
  return [...members.values()];
}

/** One group's examples in random order, cut into full batches. */
function batchesOf(
  examples: readonly number[],
  batchSize: number,
  random: RandomStream,
): Int32Array[] {
  const order = random.permutation(examples.length);
  return Array.from({ length: Math.ceil(examples.length / batchSize) }, (_, batch) =>
    Int32Array.from(
      { length: batchSize },
      (_, i) => examples[order[(batch * batchSize + i) % order.length]!]!,
    ),
  );
}
