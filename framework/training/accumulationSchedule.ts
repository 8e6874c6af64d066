/** From an epoch on, so many batches make an optimizer step. */
export interface AccumulationChange {
  /** From 0. */
  readonly epoch: number;
  /** An integer >= 1. */
  readonly batches: number;
}

/** By their epochs, in rising order; before the first, each batch is a step. */
export type AccumulationSchedule = readonly AccumulationChange[];

/** Epochs with equally many optimizer steps. */
export interface EpochSpan {
  readonly from: number;
  /** The epoch after the last; Infinity for the last span. */
  readonly to: number;
  /** In each of its epochs; Infinity when nobody knows. */
  readonly steps: number;
}

/** Batches of an optimizer step in an epoch. */
export function batchesPerStep(schedule: AccumulationSchedule, epoch: number): number {
  return schedule.findLast((change) => change.epoch <= epoch)?.batches ?? 1;
}

/** @param stepsWith steps of an epoch whose steps have so many batches */
export function epochSpans(
  schedule: AccumulationSchedule,
  stepsWith: (batches: number) => number,
): EpochSpan[] {
  const starts = [...new Set([0, ...schedule.map(({ epoch }) => epoch)])];
  return starts.map((from, i) => ({
    from,
    to: starts[i + 1] ?? Infinity,
    steps: stepsWith(batchesPerStep(schedule, from)),
  }));
}

/** Optimizer steps of the first epochs. */
export function stepsIn(spans: readonly EpochSpan[], epochs: number): number {
  return spans.reduce((sum, { from, to, steps }) => {
    const length = Math.min(to, epochs) - from;
    return length > 0 && steps > 0 ? sum + length * steps : sum;
  }, 0);
}

/** Epochs that so many steps take, the last perhaps in part; Infinity when nobody knows. */
export function epochsOf(spans: readonly EpochSpan[], steps: number): number {
  let left = steps;
  for (const span of spans) {
    if (span.steps === Infinity || span.steps === 0) return Infinity;
    const needed = Math.ceil(left / span.steps);
    if (span.from + needed <= span.to) return span.from + needed;
    left -= (span.to - span.from) * span.steps;
  }
  return Infinity;
}
