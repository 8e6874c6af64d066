import { InputError } from "../base/errors.ts";
import { isDue, type IntervalCounters } from "../base/interval.ts";
import { hasBatch, type DataLoader } from "../data/dataLoader.ts";
import { BatchPrefetcher, makeBatch, samplesIn, type BatchPosition } from "./batchPrefetcher.ts";
import type { BatchStep, Update } from "./batchStep.ts";
import type { CheckpointSaver } from "./checkpointSaver.ts";
import type { EvaluationLoop } from "./evaluationLoop.ts";
import type { FitState } from "./fitState.ts";
import type { HookBatch } from "./hooks.ts";
import { InterruptedError } from "./interruptedError.ts";
import { resolveLogOptions } from "./logOptions.ts";
import type { LossScaling } from "./lossScaling.ts";
import type { LrMoment } from "./lrClock.ts";
import { running, type OptimizerSlot } from "./optimizerSlot.ts";
import {
  isValidationDue,
  isValidationEpoch,
  stepsPerEpoch,
  stopReason,
  type StopReason,
} from "./schedule.ts";

export interface FitLoopParts {
  readonly state: FitState;
  readonly loader: DataLoader;
  readonly slots: readonly OptimizerSlot[];
  readonly batchStep: BatchStep;
  readonly saver: CheckpointSaver;
  /** Undefined: nothing to validate. */
  readonly validation: EvaluationLoop | undefined;
}

/** Epochs of batches. After each optimizer step it settles: validation, epoch end, checkpoint. */
export class FitLoop {
  readonly #parts: FitLoopParts;
  readonly #state: FitState;
  readonly #prefetcher: BatchPrefetcher;
  /** Batches of an epoch as the limits tell; an epoch of unknown length may end before. */
  readonly #limit: number;
  /** Counters at the end of the last step. */
  #settled: IntervalCounters;
  /** When time was last counted, in ms. */
  #countedMs = 0;
  /** Whether the batch being trained on is the last of its epoch. */
  #lastOfEpoch = false;

  constructor(parts: FitLoopParts) {
    this.#parts = parts;
    this.#state = parts.state;
    this.#limit = parts.state.batchesPerEpoch;
    this.#settled = this.#counters();
    const { module, settings } = parts.state;
    this.#prefetcher = new BatchPrefetcher((position) =>
      makeBatch(
        { module, loader: parts.loader, loaderIndex: 0, seed: settings.seed },
        "train",
        position,
      ),
    );
  }

  /** Why there is nothing (more) to train, if so. */
  stopReason(): StopReason | undefined {
    const { progress } = this.#state;
    return progress.settled ? this.#reasonToStop() : undefined;
  }

  /** Trains until a limit or a request to stop ends it. */
  async run(): Promise<StopReason> {
    const { progress, settings } = this.#state;
    this.#countedMs = settings.now();
    this.#settled = progress.settledAt ?? this.#counters();
    try {
      if (progress.batchIndex > 0) await this.#findEnd();
      if (!progress.settled) await this.#settle();
      for (;;) {
        const reason = this.stopReason();
        if (reason) return reason;
        await this.#epoch();
      }
    } finally {
      await this.#prefetcher.finish();
    }
  }

  async #epoch(): Promise<void> {
    const state = this.#state;
    const { progress } = state;
    if (progress.batchIndex >= state.batchesPerEpoch) this.#nextEpoch();
    this.#throwIfAborted();
    if (progress.batchIndex === 0) await this.#startEpoch();
    state.rate.restart();
    while (progress.batchIndex < state.batchesPerEpoch) {
      if (await this.#batch()) return this.#skipRest();
      if (!state.stepFinished) continue;
      await this.#settle();
      if (state.ending) return;
      this.#throwIfAborted();
    }
  }

  #nextEpoch(): void {
    this.#state.progress.epoch++;
    this.#state.progress.batchIndex = 0;
    this.#state.batchesPerEpoch = this.#limit;
    this.#state.trainLog.clear();
  }

  /** After a resume: whether the epoch, of unknown length, is over already. */
  async #findEnd(): Promise<void> {
    const { progress, batchesPerEpoch } = this.#state;
    const { epoch, batchIndex } = progress;
    if (Number.isFinite(batchesPerEpoch)) return;
    if (!(await hasBatch(this.#parts.loader, epoch, batchIndex))) {
      this.#state.batchesPerEpoch = batchIndex;
    }
  }

  async #startEpoch(): Promise<void> {
    const { epoch } = this.#state.progress;
    if (!(await hasBatch(this.#parts.loader, epoch, 0))) {
      throw new InputError(`Cannot train: the training loader has no batch in epoch ${epoch}`);
    }
    const state = this.#state;
    state.logScope = "epoch";
    await state.listeners.run("onTrainEpochStart", state);
    state.logScope = "now";
    const { accumulateGradBatches } = state;
    if (Number.isSafeInteger(accumulateGradBatches) && accumulateGradBatches >= 1) return;
    throw new RangeError(
      `Cannot accumulate gradients: expected accumulateGradBatches to be an integer >= 1, got ${accumulateGradBatches}`,
    );
  }

  /** A hook left the rest of the epoch out: no validation, but the epoch's end. */
  async #skipRest(): Promise<void> {
    const state = this.#state;
    this.#parts.batchStep.clear();
    state.epochEnded = true;
    this.#passTime({ at: "lastBatch", epoch: state.progress.epoch });
    await this.#endEpoch();
    this.#nextEpoch();
  }

  /** What its hooks log belongs to the epoch; callbacks with a `kind` see the values. */
  async #endEpoch(): Promise<void> {
    const state = this.#state;
    state.logScope = "epoch";
    await state.listeners.runEpochEnd(state, () => {
      state.trainLog.finishEpoch();
      state.logScope = "now";
    });
    if (state.epochEnded) this.#passTime({ at: "epochEnd", epoch: state.progress.epoch });
    await state.metricLog.emit();
  }

  /** Lets the learning rates go on that are due. */
  #passTime(moment: LrMoment): void {
    const { metrics, settings } = this.#state;
    for (const { clock } of this.#parts.slots) clock.pass(moment, metrics, settings.print);
  }

  #throwIfAborted(): void {
    const { settings, progress } = this.#state;
    if (settings.signal?.aborted) throw new InterruptedError(progress.step);
  }

  /** @returns whether a hook left the rest of the epoch out */
  async #batch(): Promise<boolean> {
    const state = this.#state;
    const { progress, listeners } = state;
    const batch = await state.time("next batch", () => this.#prefetcher.take(this.#position()));
    await this.#enterBatch(batch);
    const before: HookBatch = { batch, loaderIndex: 0, outputs: {}, predictions: {} };
    if (await listeners.runBatch("onTrainBatchStart", state, before)) return true;
    if (this.#indexInWindow() === 0) await listeners.run("onBeforeZeroGrad", state);
    const given = await state.time("training step", () => {
      const running = this.#parts.batchStep.run(batch, this.#update());
      this.#prefetchNext();
      return running;
    });
    const outputs = this.#keep(given);
    progress.batchIndex++;
    progress.microBatch++;
    progress.samples = (progress.samples ?? 0) + state.batchSize;
    if (this.#lastOfEpoch) state.batchesPerEpoch = progress.batchIndex;
    if (state.stepFinished) this.#finishStep();
    this.#passTime({ at: "batchEnd", batches: progress.batchIndex, updated: state.stepFinished });
    if (this.#lastOfEpoch) this.#passTime({ at: "lastBatch", epoch: progress.epoch });
    await listeners.runBatch("onTrainBatchEnd", state, { ...before, outputs });
    state.logScope = "now";
    await state.metricLog.emit();
    if (state.stepFinished) this.#throwIfAborted();
    return false;
  }

  /** Sets what hooks may know of the batch before it runs. */
  async #enterBatch(batch: HookBatch["batch"]): Promise<void> {
    const state = this.#state;
    const { progress, batchesPerEpoch, accumulateGradBatches } = state;
    const done = progress.batchIndex + 1;
    this.#lastOfEpoch =
      done === batchesPerEpoch ||
      !(await hasBatch(this.#parts.loader, progress.epoch, progress.batchIndex + 1));
    state.stage = "train";
    state.logScope = "trainBatch";
    state.batchSize = samplesIn(batch);
    state.batchIndex = progress.batchIndex;
    state.epochEnded = false;
    state.stepFinished = done % accumulateGradBatches === 0 || this.#lastOfEpoch;
    state.optimizers = this.#parts.slots.map(running);
    state.learningRate = state.optimizers[0]!.learningRate;
    state.isLoggingStep = state.stepFinished && this.#logsStep(progress.step + 1);
  }

  #indexInWindow(): number {
    return this.#state.progress.batchIndex % this.#state.accumulateGradBatches;
  }

  #logsStep(step: number): boolean {
    const { settings, estimatedSteps, progress, batchSize } = this.#state;
    const { logInterval } = settings;
    if (!logInterval) return false;
    this.#countTime();
    const now = {
      ...this.#counters(),
      steps: step,
      batches: progress.microBatch + 1,
      samples: (progress.samples ?? 0) + batchSize,
    };
    return step === estimatedSteps || isDue(logInterval, this.#settled, now);
  }

  #update(): Update | undefined {
    const { stepFinished, progress, lossScaling } = this.#state;
    if (!stepFinished) return undefined;
    const { slots } = this.#parts;
    const updateSince = (step: number): number => {
      const steps = progress.step - step - (lossScaling?.skippedSteps(step) ?? 0);
      return Math.floor(steps / slots.length) + 1;
    };
    return {
      hyperparameters: slots.map((slot) => slot.hyperparameters(updateSince)),
      batches: this.#indexInWindow() + 1,
    };
  }

  /** Remembers what the batch's step gave until the optimizer step is finished. */
  #keep(values: Readonly<Record<string, number>>): Record<string, number> {
    const { recordedLogs, trainLog, batchSize } = this.#state;
    const { outputs, logged } = recordedLogs.split(values);
    const onStep = resolveLogOptions("", {}, "trainBatch");
    for (const [name, value] of Object.entries(outputs)) {
      trainLog.addOfBatch(`train/${name}`, value, onStep, batchSize);
    }
    for (const { name, value, entry } of logged) trainLog.addOfBatch(name, value, entry, batchSize);
    return outputs;
  }

  /** Counts the step and makes the window's means known. */
  #finishStep(): void {
    const state = this.#state;
    state.progress.step += this.#parts.batchStep.stepsPerUpdate;
    state.progress.settled = false;
    state.trainLog.finishStep(state.isLoggingStep);
    const { metrics } = state;
    state.loss = metrics["train/loss"] ?? Number.NaN;
    if (!state.lossScaling?.hasSkipped) {
      this.#checkFinite("loss", metrics["train/loss"]);
      this.#checkFinite("gradient norm", metrics["train/gradientNorm"]);
    }
    state.rate.mark();
    const row = {
      "train/learningRate": state.learningRate,
      ...scalingMetrics(state.lossScaling),
      epoch: state.epoch,
    };
    if (state.isLoggingStep) state.metricLog.add(row);
    else state.metricLog.measure(row);
  }

  /** A run whose numbers are broken stops before anything of it is saved. */
  #checkFinite(what: string, value: number | undefined): void {
    if (value === undefined || Number.isFinite(value)) return;
    throw new RangeError(
      `Cannot go on after step ${this.#state.step}: expected a finite ${what}, got ${value}; lower the learning rate, clip gradients, or look at the data`,
    );
  }

  /** Counts the time since the last call, if it is limited. */
  #countTime(): void {
    const { progress, settings } = this.#state;
    const intervals = [settings.validationInterval, settings.logInterval];
    const limited = settings.maxTimeSeconds < Infinity;
    if (!limited && !intervals.some((interval) => interval?.unit === "seconds")) return;
    const now = settings.now();
    progress.elapsedSeconds ??= 0;
    progress.elapsedSeconds += (now - this.#countedMs) / 1000;
    this.#countedMs = now;
  }

  #counters(): IntervalCounters {
    const { progress, batchesPerEpoch } = this.#state;
    const { step, epoch, batchIndex, microBatch, samples = 0, elapsedSeconds = 0 } = progress;
    return {
      steps: step,
      epochs: batchIndex > 0 && batchIndex >= batchesPerEpoch ? epoch + 1 : epoch,
      batches: microBatch,
      samples,
      seconds: elapsedSeconds,
    };
  }

  /** All that follows an optimizer step. Repeated when a run resumes in the middle of it. */
  async #settle(): Promise<void> {
    const state = this.#state;
    const { progress } = state;
    this.#countTime();
    state.stepFinished = true;
    state.epochEnded = progress.batchIndex >= state.batchesPerEpoch;
    if (this.#validatesNow()) await this.#validate();
    this.#passTime({ at: "settled", batches: progress.batchIndex });
    if (state.epochEnded || this.#reasonToStop()) await this.#endEpoch();
    const reason = this.#reasonToStop();
    state.ending = reason !== undefined;
    if (reason && this.#validatesAtEnd()) await this.#validate();
    this.#settled = this.#counters();
    if (state.settings.validationInterval) progress.settledAt = this.#settled;
    progress.settled = true;
    await state.time("checkpoint", () => this.#parts.saver.saveIfWanted());
    state.rate.restart();
  }

  async #validate(): Promise<void> {
    const { validation } = this.#parts;
    if (validation) await this.#state.time("validation", () => validation.evaluate());
  }

  #validatesNow(): boolean {
    const { progress, settings, batchesPerEpoch, shouldStop, accumulateGradBatches } = this.#state;
    const steps = stepsPerEpoch(batchesPerEpoch, accumulateGradBatches);
    const stepInEpoch = Math.ceil(progress.batchIndex / accumulateGradBatches);
    const { step, epoch } = progress;
    const passed = [this.#settled, this.#counters()] as const;
    const question = { step, epoch, stepInEpoch, stepsPerEpoch: steps, passed };
    if (isValidationDue(question, settings)) return true;
    const reason = this.#reasonToStop();
    if (!reason) return false;
    const stopsHere = shouldStop && reason === "stopRequested";
    return this.#validatesAtEnd() || (stopsHere && isValidationEpoch(progress.epoch, settings));
  }

  #validatesAtEnd(): boolean {
    const { settings, validatedAt, step } = this.#state;
    return settings.validateOnTrainEnd && validatedAt !== step;
  }

  #reasonToStop(): StopReason | undefined {
    const { progress, shouldStop, batchesPerEpoch, settings } = this.#state;
    const { step, epoch, batchIndex } = progress;
    const epochsCompleted = batchIndex > 0 && batchIndex >= batchesPerEpoch ? epoch + 1 : epoch;
    const stopRequested = shouldStop || (progress.elapsedSeconds ?? 0) >= settings.maxTimeSeconds;
    return stopReason({ step, epochsCompleted, stopRequested }, settings);
  }

  #position(): BatchPosition {
    const { epoch, batchIndex, microBatch } = this.#state.progress;
    return { epoch, index: batchIndex, microBatch };
  }

  /** Prepares the batch after the running one, unless training is known to end before it. */
  #prefetchNext(): void {
    const { progress, settings, batchesPerEpoch, stepFinished } = this.#state;
    const { step, epoch, batchIndex, microBatch } = progress;
    const epochEnds = batchIndex + 1 >= batchesPerEpoch || this.#lastOfEpoch;
    const epochsCompleted = epochEnds ? epoch + 1 : epoch;
    const stepsDone = stepFinished ? step + 1 : step;
    if (stepsDone >= settings.maxSteps || epochsCompleted >= settings.maxEpochs) return;
    const next = epochEnds ? { epoch: epoch + 1, index: 0 } : { epoch, index: batchIndex + 1 };
    this.#prefetcher.start({ ...next, microBatch: microBatch + 1 });
  }
}

/** The scale that the next step has, and the steps that were left out so far. */
const scalingMetrics = (scaling: LossScaling | undefined): Record<string, number> =>
  scaling ? { "train/lossScale": scaling.scale, "train/skippedSteps": scaling.skippedSteps() } : {};
