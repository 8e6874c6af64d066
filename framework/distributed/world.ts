/** Bytes that one worker knows, and room for them where the others do not. */
export interface OwnedPart {
  /** The owner's. */
  readonly rank: number;
  readonly bytes: Uint8Array;
}

/**
 * Processes that do one thing together, such as training; each is a worker with a number, its rank.
 * Every call is made by all workers in the same order: one that calls something else, or fails,
 * makes the call fail everywhere.
 */
export interface World {
  /** This worker's number, in [0, size). */
  readonly rank: number;
  readonly size: number;
  /**
   * Sums arrays over all workers, in place.
   *
   * @param place what for, in words; tells calls apart
   */
  sum(place: string, arrays: readonly Float32Array[]): Promise<void>;
  /** Every worker's text, by rank. */
  gather(place: string, text: string): Promise<readonly string[]>;
  /** Puts rank 0's bytes in the place of everybody's. */
  broadcast(place: string, arrays: readonly Uint8Array[]): Promise<void>;
  /** Puts each part's owner's bytes in the place of everybody's; all give parts of the same sizes and owners. */
  spread(place: string, parts: readonly OwnedPart[]): Promise<void>;
}

/** The world of a process that is alone. */
export const singleProcess: World = {
  rank: 0,
  size: 1,
  async sum() {},
  gather: async (_place, text) => [text],
  async broadcast() {},
  async spread() {},
};

/** Every worker's numbers, by rank; with NaN and infinities as they are, in float32. */
export async function gatherNumbers(
  world: World,
  place: string,
  numbers: readonly number[],
  summed: readonly Float32Array[] = [],
): Promise<readonly Float32Array[]> {
  const count = numbers.length;
  const table = new Float32Array(world.size * count);
  table.set(numbers, world.rank * count);
  await world.sum(place, [table, ...summed]);
  return Array.from({ length: world.size }, (_, rank) =>
    table.subarray(rank * count, (rank + 1) * count),
  );
}

/** Rank 0's text. */
export async function broadcastText(world: World, place: string, text: string): Promise<string> {
  const [first = ""] = await world.gather(place, world.rank === 0 ? text : "");
  return first;
}

/** Lets rank 0 do something first; the others then find what it has kept, such as in a cache. */
export async function rankZeroFirst<Result>(
  world: World,
  place: string,
  work: () => Promise<Result>,
): Promise<Result> {
  if (world.rank !== 0) await world.gather(place, "");
  const result = await work();
  if (world.rank === 0) await world.gather(place, "");
  return result;
}
