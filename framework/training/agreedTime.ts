/** @file Time trained so far, of several workers: that of the one which has trained for the longest. */
import type { Progress } from "./checkpointContent.ts";
import type { FitState } from "./fitState.ts";

type Elapsed = Pick<Progress, "elapsedSeconds">;

/**
 * What a worker says of its time: two numbers that make it together. In float32 one alone would lose
 * the seconds of short steps once training is long.
 */
export function timeNumbers({ elapsedSeconds = 0 }: Elapsed): [number, number] {
  const rounded = Math.fround(elapsedSeconds);
  return [rounded, elapsedSeconds - rounded];
}

/** @param numbers of each worker */
export function agreeOnTime(
  { progress, counters }: Pick<FitState, "progress" | "counters">,
  numbers: readonly Float32Array[],
): void {
  if (progress.elapsedSeconds === undefined) return; // time decides nothing
  counters?.takeTime(Math.max(...numbers.map(([rounded, rest]) => rounded! + rest!)));
}
