import { remembered, visitNumber, type EpochOrder } from "./epochOrder.ts";

/**
 * An order over some of a dataset's examples, such as one side of a split.
 *
 *     const split = new RandomStream(seed, "split").permutation(dataset.length);
 *     const train = subsetOrder(split.subarray(100), (length) => shuffledOrder(length, seed));
 *     const validation = subsetOrder(split.subarray(0, 100), sequentialOrder);
 *
 * @param indices of the examples in the dataset
 * @param makeOrder makes the order over positions in `indices`
 */
export function subsetOrder(
  indices: ArrayLike<number>,
  makeOrder: (length: number) => EpochOrder,
): EpochOrder {
  const order = makeOrder(indices.length);
  return {
    ...remembered(order.length, (epoch) => order.indices(epoch).map((i) => indices[i]!)),
    visitNumber: (epoch, visit) => visitNumber(order, epoch, visit),
  };
}
