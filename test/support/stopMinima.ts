import type { TrainerOptions } from "../../framework/training/trainer.ts";

/**
 * Lightning's table of a stop that is asked for at the end of the first epoch: how many epochs and
 * steps it waits until both minima are met.
 */
export const stopMinima: readonly [
  batches: number,
  options: TrainerOptions,
  epochs: number,
  step: number,
][] = [
  [3, { minSteps: 10 }, 4, 10],
  [5, { minSteps: 10 }, 2, 10],
  [3, { minEpochs: 2 }, 2, 6],
  [5, { minEpochs: 2 }, 2, 10],
  [3, { minEpochs: 1, minSteps: 10 }, 4, 10],
  [3, { minEpochs: 3, minSteps: 10 }, 4, 10],
  [5, { minEpochs: 3, minSteps: 10 }, 3, 15],
];
