import { hostTensor, type DataLoader } from "seedbed";

import { toyLoader } from "./toyTraining.ts";

/** The toy's data; batches at these positions, counted from 0, hold values that are not finite. */
export function brokenLoader(
  broken: readonly number[],
  { value = NaN, length = 4 }: { value?: number; length?: number } = {},
): DataLoader {
  const whole = toyLoader(length);
  return {
    length,
    async batch(epoch, index) {
      const batch = await whole.batch(epoch, index);
      const x = batch["x"]!;
      if (!broken.includes(length * epoch + index)) return batch;
      return {
        ...batch,
        x: hostTensor(
          Float32Array.from(x.values, () => value),
          x.shape,
        ),
      };
    },
  };
}
