/** @file The loader of which the tests of `workerLoader` expect the same batches. */
import { createLoader } from "../../../framework/data/createLoader.ts";
import type { DataLoader } from "../../../framework/data/dataLoader.ts";
import { shuffledOrder } from "../../../framework/data/epochOrder.ts";
import { numbersExample } from "./examples.ts";

/** Shuffled examples with random numbers of their own. */
export default function shuffled({ examples }: { examples: number }): DataLoader {
  return createLoader({
    dataset: {
      length: examples,
      get: (index, random) => numbersExample(index, random.uniform()),
    },
    order: shuffledOrder(examples, 3),
    batchSize: 2,
    seed: 5,
  });
}
