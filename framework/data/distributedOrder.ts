import type { Shard } from "./dataLoader.ts";
import { remembered, visitNumber, type EpochOrder } from "./epochOrder.ts";

export interface DistributedOptions extends Shard {
  /**
   * When the visits cannot be shared evenly: leaves out the last ones, instead of repeating the
   * first ones. Off by default.
   */
  dropLast?: boolean;
}

/**
 * One process's share of an order: visits `rank`, `rank + worldSize`, and so on, equally many in
 * every process. Each visit draws the random numbers that it draws in the whole order, so that the
 * processes see together what one process would see alone.
 *
 * Source: PyTorch's DistributedSampler.
 */
export function distributedOrder(order: EpochOrder, options: DistributedOptions): EpochOrder {
  const { rank, worldSize, dropLast = false } = options;
  checkRank(rank, worldSize);
  const length = dropLast
    ? Math.floor(order.length / worldSize)
    : Math.ceil(order.length / worldSize);
  if (length === 0) {
    throw new RangeError(
      `Cannot share an order: expected an example for each of ${worldSize} processes, got ${order.length}; leave dropLast off`,
    );
  }
  const whole = (visit: number): number => (rank + visit * worldSize) % order.length;
  return {
    ...remembered(length, (epoch) => {
      const indices = order.indices(epoch);
      return Int32Array.from({ length }, (_, visit) => indices[whole(visit)]!);
    }),
    visitNumber: (epoch, visit) => visitNumber(order, epoch, whole(visit)),
  };
}

function checkRank(rank: number, worldSize: number): void {
  if (!Number.isInteger(worldSize) || worldSize < 1) {
    throw new RangeError(
      `Cannot share an order: worldSize must be an integer >= 1, got ${worldSize}`,
    );
  }
  if (!Number.isInteger(rank) || rank < 0 || rank >= worldSize) {
    throw new RangeError(
      `Cannot share an order: rank must be an integer in [0, ${worldSize}), got ${rank}`,
    );
  }
}
