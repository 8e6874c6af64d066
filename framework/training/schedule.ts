/** @file When to stop and when to validate: pure functions of counters. */
import { isDue, passesMultiple, type IntervalCounters } from "../base/interval.ts";
import type { TrainerSettings } from "./trainerOptions.ts";

/** Batches that a limit leaves of a loader. */
export function limitBatches(name: string, limit: number | undefined, length: number): number {
  if (limit === undefined) return length;
  if (Number.isInteger(limit)) return Math.min(limit, length);
  if (length === Infinity) {
    throw new RangeError(
      `Cannot use ${name} ${limit} of a loader of unknown length; expected a whole number`,
    );
  }
  const batches = Math.floor(limit * length);
  if (batches >= 1 || length === 0) return batches;
  throw new RangeError(
    `Cannot use ${name} ${limit}: expected at least one of ${length} batches, which needs ${1 / length} or more`,
  );
}

/** Optimizer steps in one epoch: the last window may be short. */
export function stepsPerEpoch(batches: number, accumulateGradBatches: number): number {
  return Math.ceil(batches / accumulateGradBatches);
}

/** Where training stands when it is asked whether to stop. */
export interface StopQuestion {
  readonly step: number;
  /** Epochs trained on to their last batch. */
  readonly epochsCompleted: number;
  readonly stopRequested: boolean;
}

type StopLimits = Pick<TrainerSettings, "maxSteps" | "maxEpochs" | "minSteps" | "minEpochs">;

export type StopReason = "maxSteps" | "maxEpochs" | "stopRequested";

/** Why training ends here, if it does. A request to stop waits for both minima. */
export function stopReason(
  { step, epochsCompleted, stopRequested }: StopQuestion,
  { maxSteps, maxEpochs, minSteps, minEpochs }: StopLimits,
): StopReason | undefined {
  if (step >= maxSteps) return "maxSteps";
  if (epochsCompleted >= maxEpochs) return "maxEpochs";
  const minimaMet = step >= minSteps && epochsCompleted >= minEpochs;
  return stopRequested && minimaMet ? "stopRequested" : undefined;
}

type ValidationInterval = Pick<
  TrainerSettings,
  "valCheckInterval" | "validationInterval" | "checkValEveryNEpoch"
>;

export interface ValidationQuestion {
  readonly step: number;
  /** Steps that the last update counts for. */
  readonly stepsTaken: number;
  readonly epoch: number;
  readonly stepInEpoch: number;
  readonly stepsPerEpoch: number;
  readonly passed: readonly [before: IntervalCounters, now: IntervalCounters];
}

/** Whether this epoch is one of those that validate. */
export function isValidationEpoch(
  epoch: number,
  { checkValEveryNEpoch }: ValidationInterval,
): boolean {
  return checkValEveryNEpoch === undefined || (epoch + 1) % checkValEveryNEpoch === 0;
}

/**
 * Whether validation is due after an optimizer step. Whole numbers count optimizer steps, not batches:
 * a validation then always belongs to weights that a checkpoint can hold. Without accumulation
 * the two are one.
 *
 * @param stepInEpoch steps of this epoch taken so far, from 1
 * @param stepsPerEpoch steps in the epoch
 * @param passed counters at the end of the step before and now
 */
export function isValidationDue(
  { step, stepsTaken, epoch, stepInEpoch, stepsPerEpoch: steps, passed }: ValidationQuestion,
  interval: ValidationInterval,
): boolean {
  const { valCheckInterval, validationInterval, checkValEveryNEpoch } = interval;
  if (!isValidationEpoch(epoch, interval)) return false;
  if (validationInterval) return isDue(validationInterval, ...passed);
  if (checkValEveryNEpoch === undefined) {
    return passesMultiple(valCheckInterval ?? 1, step - stepsTaken, step);
  }
  if (valCheckInterval === undefined) return stepInEpoch === steps;
  return stepInEpoch % stepsBetween(valCheckInterval, steps) === 0;
}

/** A whole interval counts steps, a fraction is a part of the epoch. */
function stepsBetween(interval: number, steps: number): number {
  return Number.isInteger(interval) ? interval : Math.max(1, Math.floor(steps * interval));
}
