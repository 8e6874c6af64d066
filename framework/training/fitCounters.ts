import { isDue, type Interval, type IntervalCounters } from "../base/interval.ts";
import type { FitState } from "./fitState.ts";
import {
  isValidationDue,
  isValidationEpoch,
  stepsPerEpoch,
  stopReason,
  type StopReason,
} from "./schedule.ts";

type Counters = Required<IntervalCounters>;

/** How far a fit has come, and what is due by that: to log, to validate, to stop. */
export class FitCounters {
  readonly #state: FitState;
  /** At the end of the last step that is done with. */
  #settled: IntervalCounters;
  /** When the last step was taken, and the one before it. */
  #taken: IntervalCounters;
  #takenBefore: IntervalCounters;
  /** Whether callbacks ask by intervals, and by time. */
  #asked = false;
  #askedForTime = false;
  /** Up to when time is counted, in ms. */
  #countedMs = 0;

  constructor(state: FitState) {
    this.#state = state;
    this.#settled = this.#now();
    this.#taken = this.#settled;
    this.#takenBefore = this.#settled;
  }

  /** Starts the clock; where a fit resumes, counting goes on from there. */
  begin(): void {
    const { progress, settings } = this.#state;
    this.#countedMs = settings.now();
    this.#settled = progress.settledAt ?? this.#now();
    this.#takenBefore = this.#settled;
    this.#taken = progress.settled ? { ...this.#now(), ...progress.settledAt } : this.#now();
  }

  /**
   * A step is taken; what callbacks do about it, now or when it is done with, counts to here. Of several
   * workers the time is what they knew alike in the step.
   */
  takeStep(): void {
    if (this.#state.worldSize === 1) this.countTime();
    this.#takenBefore = this.#taken;
    this.#taken = this.#now();
  }

  /** Counts the time since the last call, if it decides anything. */
  countTime(): void {
    const { progress, settings, timeLimits } = this.#state;
    const intervals = [settings.validationInterval, settings.logInterval];
    const decides = timeLimits.length > 0 || this.#askedForTime;
    if (!decides && !intervals.some((interval) => interval?.unit === "seconds")) return;
    const now = settings.now();
    progress.elapsedSeconds ??= 0;
    if (now <= this.#countedMs) return; // another worker has counted it
    progress.elapsedSeconds += (now - this.#countedMs) / 1000;
    this.#countedMs = now;
  }

  /** Takes the time over that another worker has counted, while this one waited for it. */
  takeTime(seconds: number): void {
    const { progress } = this.#state;
    const { elapsedSeconds = seconds } = progress;
    this.#countedMs += (seconds - elapsedSeconds) * 1000;
    progress.elapsedSeconds = seconds;
  }

  /** A step is done with: intervals count from here. */
  settle(): void {
    const { progress, settings } = this.#state;
    this.#settled = this.#now();
    if (settings.validationInterval || this.#asked) this.#keepSettled();
    else if (progress.settledAt) delete progress.settledAt;
  }

  /**
   * An epoch was cut short after the last step. What that makes due is due at the next step, also of a
   * fit that is resumed.
   */
  cutEpoch(): void {
    this.#keepSettled();
  }

  /** Of how many steps there will be a resumed fit makes an estimate of its own. */
  #keepSettled(): void {
    const { totalSteps: _, ...settled } = this.#settled;
    this.#state.progress.settledAt = settled;
  }

  /** Whether an interval of a callback's has passed with the step just taken. */
  isDue(interval: Interval): boolean {
    this.#asked = true;
    if (interval.unit === "seconds") this.#askedForTime = true; // counts from here on
    return isDue(interval, this.#takenBefore, this.#taken);
  }

  /** Whether metrics are logged of the step that has just ended. */
  get logsStep(): boolean {
    return this.#logsAt(this.#now());
  }

  /**
   * The same of the step that ends with the running batch, before it has run.
   *
   * @param steps how many it will count for
   */
  willLogStep(steps: number, endsEpoch: boolean): boolean {
    const { progress, batchSize, worldSize } = this.#state;
    this.countTime();
    const now = this.#now();
    return this.#logsAt({
      ...now,
      steps: now.steps + steps,
      epochs: endsEpoch ? progress.epoch + 1 : now.epochs,
      batches: now.batches + 1,
      samples: now.samples + batchSize * worldSize,
    });
  }

  #logsAt(now: Counters): boolean {
    const { settings, estimatedSteps } = this.#state;
    const { logInterval } = settings;
    if (!logInterval) return false;
    return now.steps >= estimatedSteps || isDue(logInterval, this.#settled, now);
  }

  /** Whether to validate after the step just taken. */
  validatesNow(): boolean {
    const { progress, settings, batchesPerEpoch, shouldStop, accumulateGradBatches, stepsTaken } =
      this.#state;
    const steps = stepsPerEpoch(batchesPerEpoch, accumulateGradBatches);
    const stepInEpoch = Math.ceil(progress.batchIndex / accumulateGradBatches);
    const { step, epoch } = progress;
    const passed = [this.#settled, this.#now()] as const;
    const question = { step, stepsTaken, epoch, stepInEpoch, stepsPerEpoch: steps, passed };
    if (isValidationDue(question, settings)) return true;
    const reason = this.reasonToStop();
    if (!reason) return false;
    const stopsHere = shouldStop && reason === "stopRequested";
    return this.validatesAtEnd() || (stopsHere && isValidationEpoch(progress.epoch, settings));
  }

  validatesAtEnd(): boolean {
    const { settings, validatedAt, step } = this.#state;
    return settings.validateOnTrainEnd && validatedAt !== step;
  }

  reasonToStop(): StopReason | undefined {
    const { progress, shouldStop, settings } = this.#state;
    const { step } = progress;
    const stopRequested = shouldStop || this.timeIsOver;
    return stopReason({ step, epochsCompleted: this.#epochsCompleted(), stopRequested }, settings);
  }

  get timeIsOver(): boolean {
    const { progress, timeLimits, batchesPerEpoch } = this.#state;
    const { elapsedSeconds = 0, batchIndex } = progress;
    const isEpochEnd = batchIndex >= batchesPerEpoch;
    return timeLimits.some(
      ({ seconds, at }) => elapsedSeconds >= seconds && (at === "step" || isEpochEnd),
    );
  }

  #epochsCompleted(): number {
    const { progress, batchesPerEpoch } = this.#state;
    const { epoch, batchIndex } = progress;
    return batchIndex > 0 && batchIndex >= batchesPerEpoch ? epoch + 1 : epoch;
  }

  #now(): Counters {
    const { step, microBatch, samples, elapsedSeconds = 0 } = this.#state.progress;
    return {
      steps: step,
      epochs: this.#epochsCompleted(),
      batches: microBatch,
      samples,
      seconds: elapsedSeconds,
      totalSteps: this.#state.estimatedSteps,
    };
  }
}
