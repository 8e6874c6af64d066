import type { EpochOrder } from "seedbed";

/**
 * Several datasets in turn, all in one order: visit `v` is of dataset `v % count`, whose example
 * `e` has index `e * count + v % count`. Of one dataset it is the order itself.
 */
export function takingTurns(order: EpochOrder, count: number): EpochOrder {
  if (count === 1) return order;
  return {
    length: order.length * count,
    indices(epoch) {
      const indices = order.indices(epoch);
      return Int32Array.from(
        { length: indices.length * count },
        (_, visit) => indices[Math.floor(visit / count)]! * count + (visit % count),
      );
    },
  };
}
