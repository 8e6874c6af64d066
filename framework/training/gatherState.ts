import type { HostTensor } from "../base/hostTensor.ts";
import { lentValues } from "../base/sharedValues.ts";
import type { OptimizerShares, SharedState } from "./optimizerShares.ts";
import { assignVariables, checkTensors } from "./variables.ts";

/** That travel together; every worker has memory for as much beside what it keeps. */
const mostBytes = 64e6;
const bytesPerElement = 4;

type Part = readonly [name: string, kind: SharedState];

/**
 * Brings the shares of an optimizer's state together, for a checkpoint that is no different from one
 * of a single process. All workers call it.
 *
 * @param take is given the tensors on rank 0, some at a time, in the order of the undivided state
 */
export async function gatherState(
  { world, state, ownState }: OptimizerShares,
  take: (tensors: ReadonlyMap<string, HostTensor>) => void,
): Promise<void> {
  for (const group of groupsOf(state)) {
    const tensors = new Map<string, HostTensor>();
    for (const [name, { shape, dtype, size }] of group) {
      const buffer = new ArrayBuffer(size * bytesPerElement);
      const values = dtype === "int32" ? new Int32Array(buffer) : new Float32Array(buffer);
      const own = ownState.get(name);
      if (own) values.set(await lentValues(own));
      tensors.set(name, { shape, values });
    }
    const parts = group.map(([name, { rank }]) => {
      return { rank, bytes: new Uint8Array(tensors.get(name)!.values.buffer) };
    });
    await world.spread("the optimizer's state", parts);
    if (world.rank === 0) take(tensors);
  }
}

/**
 * Sets this worker's share of an optimizer's state.
 *
 * @param what whose it is, for messages
 * @param tensors the whole state
 * @throws {InputError} unless names and shapes are those of the whole state
 */
export function assignShare(
  what: string,
  { state, ownState }: OptimizerShares,
  tensors: ReadonlyMap<string, HostTensor>,
): void {
  checkTensors(what, state, tensors);
  const own = [...tensors].filter(([name]) => ownState.has(name));
  assignVariables(what, ownState, new Map(own));
}

function groupsOf(state: ReadonlyMap<string, SharedState>): Part[][] {
  const groups: Part[][] = [];
  let bytes = Infinity;
  for (const part of state) {
    const own = part[1].size * bytesPerElement;
    if (bytes + own > mostBytes) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(part);
    bytes += own;
  }
  return groups;
}
