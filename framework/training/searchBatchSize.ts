import { totalmem } from "node:os";

import { isOutOfMemory } from "../base/outOfMemory.ts";

/** What is measured of the machine. */
export interface MeasuredMachine {
  /** Memory the process holds now. */
  memoryMb(): number;
  nowMs(): number;
}

export interface BatchSizeSearch {
  /** `power` doubles the size while it fits; `binsearch` then looks between the last two. */
  mode?: "power" | "binsearch";
  initialBatchSize?: number;
  /** Such as the number of examples. */
  maxBatchSize?: number;
  /** Optimizer steps that each size is tried for; the first, which may compile, is not timed. */
  stepsPerTrial?: number;
  /** Most memory the process may hold; default: 0.8 of the machine's. */
  maxMemoryMb?: number;
  /** Share of the size found by `binsearch` that is given up to be safe. */
  margin?: number;
  machine?: MeasuredMachine;
}

export interface BatchSizeTrial {
  readonly batchSize: number;
  readonly fits: boolean;
  /** Undefined when memory ran out. */
  readonly peakMemoryMb: number | undefined;
  readonly samplesPerSecond: number | undefined;
}

export interface FoundBatchSize {
  /** The largest that fits, less the margin. */
  readonly batchSize: number;
  /** The one tried that fits and had most samples per second. */
  readonly fastest: number;
  /** In the order they were tried. */
  readonly trials: readonly BatchSizeTrial[];
}

const thisProcess: MeasuredMachine = {
  memoryMb: () => process.memoryUsage.rss() / 1e6,
  nowMs: () => performance.now(),
};

/** A step of a trial, and the samples that it takes. */
export interface BatchSizeSteps {
  readonly step: () => Promise<unknown>;
  readonly samplesPerStep: number;
}

/**
 * Looks for the largest batch that a machine has the memory for.
 *
 * A size fits when its steps succeed and the process never holds more than `maxMemoryMb`, which is
 * looked at between steps and, where they run on other threads, during them. Memory that
 * the process has not given back after a larger size counts too, so `binsearch` errs on the small
 * side.
 *
 * @param trial lets `measure` take steps with batches of a size
 * @throws {RangeError} when not even the first size fits
 */
export async function searchBatchSize(
  options: BatchSizeSearch,
  trial: (batchSize: number, measure: (steps: BatchSizeSteps) => Promise<void>) => Promise<void>,
): Promise<FoundBatchSize> {
  const { mode = "power", initialBatchSize = 2, maxBatchSize = Infinity, margin = 0.05 } = options;
  const trials: BatchSizeTrial[] = [];
  const fits = async (batchSize: number): Promise<boolean> => {
    const tried = await tryBatchSize(batchSize, options, trial);
    trials.push(tried);
    return tried.fits;
  };
  let largest = 0;
  let size = Math.min(initialBatchSize, maxBatchSize);
  while (size > largest && (await fits(size))) {
    largest = size;
    size = Math.min(size * 2, maxBatchSize);
  }
  if (largest === 0) throw nothingFits(trials[0]!, options);
  if (mode === "binsearch") {
    if (size > largest) largest = await bisect(largest, size, fits);
    largest = Math.max(1, Math.floor(largest * (1 - margin)));
  }
  return { batchSize: largest, fastest: fastestOf(trials), trials };
}

/** @returns the largest size that fits, from `low`, which does, to below `high`, which does not */
async function bisect(
  low: number,
  high: number,
  fits: (batchSize: number) => Promise<boolean>,
): Promise<number> {
  let [fitting, tooLarge] = [low, high];
  while (tooLarge - fitting > 1) {
    const middle = Math.floor((fitting + tooLarge) / 2);
    if (await fits(middle)) fitting = middle;
    else tooLarge = middle;
  }
  return fitting;
}

async function tryBatchSize(
  batchSize: number,
  options: BatchSizeSearch,
  trial: Parameters<typeof searchBatchSize>[1],
): Promise<BatchSizeTrial> {
  let measured = { peakMemoryMb: Infinity, samplesPerSecond: 0 };
  try {
    await trial(batchSize, async (steps) => {
      measured = await measure(steps, options);
    });
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    return { batchSize, fits: false, peakMemoryMb: undefined, samplesPerSecond: undefined };
  }
  return { batchSize, fits: measured.peakMemoryMb <= limitOf(options), ...measured };
}

async function measure(
  { step, samplesPerStep }: BatchSizeSteps,
  { stepsPerTrial = 3, machine = thisProcess }: BatchSizeSearch,
): Promise<{ peakMemoryMb: number; samplesPerSecond: number }> {
  let peakMemoryMb = 0;
  const look = (): void => void (peakMemoryMb = Math.max(peakMemoryMb, machine.memoryMb()));
  const looking = setInterval(look, 5);
  try {
    await step();
    look();
    const startMs = machine.nowMs();
    for (let i = 1; i < stepsPerTrial; i++) {
      await step();
      look();
    }
    const seconds = (machine.nowMs() - startMs) / 1000;
    return { peakMemoryMb, samplesPerSecond: (samplesPerStep * (stepsPerTrial - 1)) / seconds };
  } finally {
    clearInterval(looking);
  }
}

function fastestOf(trials: readonly BatchSizeTrial[]): number {
  const rateOf = ({ samplesPerSecond = 0 }: BatchSizeTrial): number => samplesPerSecond;
  const fitting = trials.filter(({ fits }) => fits);
  return fitting.reduce((best, trial) => (rateOf(trial) > rateOf(best) ? trial : best)).batchSize;
}

const limitOf = ({ maxMemoryMb = (0.8 * totalmem()) / 1e6 }: BatchSizeSearch): number =>
  maxMemoryMb;

function nothingFits(
  { batchSize, peakMemoryMb }: BatchSizeTrial,
  options: BatchSizeSearch,
): RangeError {
  const needed = peakMemoryMb === undefined ? "more than there is" : `${Math.ceil(peakMemoryMb)}`;
  return new RangeError(
    `Cannot find a batch size: expected one of ${batchSize} to need at most ${Math.floor(limitOf(options))} MB, got ${needed}; raise maxMemoryMb, or lower initialBatchSize`,
  );
}
