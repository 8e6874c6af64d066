import type { DataLoader } from "../data/dataLoader.ts";
import type { LrSchedule } from "../optim/lrSchedule.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { BatchPrefetcher, makeBatch, type BatchPosition } from "./batchPrefetcher.ts";
import { runHook, type Hook } from "./callback.ts";
import type { CheckpointSaver } from "./checkpointSaver.ts";
import type { FitState } from "./fitState.ts";
import { InterruptedError } from "./interruptedError.ts";
import {
  isValidationDue,
  isValidationEpoch,
  stepsPerEpoch,
  stopReason,
  type StopReason,
} from "./schedule.ts";
import type { TrainStep, Update } from "./trainStep.ts";
import type { ValidationLoop } from "./validationLoop.ts";
import { WeightedMeans } from "./weightedMeans.ts";

export interface FitLoopParts {
  readonly state: FitState;
  readonly loader: DataLoader;
  readonly optimizer: Optimizer;
  readonly lrSchedule: LrSchedule;
  readonly trainStep: TrainStep;
  readonly saver: CheckpointSaver;
  /** Undefined: nothing to validate. */
  readonly validation: ValidationLoop | undefined;
}

/** Epochs of batches. After each optimizer step it settles: validation, epoch end, checkpoint. */
export class FitLoop {
  readonly #parts: FitLoopParts;
  readonly #state: FitState;
  readonly #prefetcher: BatchPrefetcher;
  readonly #window = new WeightedMeans();

  constructor(parts: FitLoopParts) {
    this.#parts = parts;
    this.#state = parts.state;
    const { module, settings } = parts.state;
    this.#prefetcher = new BatchPrefetcher((position) =>
      makeBatch(module, parts.loader, settings.seed, "train", position),
    );
  }

  /** Why there is nothing (more) to train, if so. */
  stopReason(): StopReason | undefined {
    const { progress } = this.#state;
    return progress.settled ? this.#reasonToStop() : undefined;
  }

  /** Trains until a limit or a request to stop ends it. */
  async run(): Promise<StopReason> {
    const { progress } = this.#state;
    try {
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
    if (progress.batchIndex >= state.batchesPerEpoch) {
      progress.epoch++;
      progress.batchIndex = 0;
    }
    this.#throwIfAborted();
    if (progress.batchIndex === 0) await this.#hook("onTrainEpochStart");
    state.rate.restart();
    while (progress.batchIndex < state.batchesPerEpoch) {
      await this.#batch();
      if (!state.stepFinished) continue;
      await this.#settle();
      if (state.ending) return;
      this.#throwIfAborted();
    }
  }

  #throwIfAborted(): void {
    const { settings, progress } = this.#state;
    if (settings.signal?.aborted) throw new InterruptedError(progress.step);
  }

  async #batch(): Promise<void> {
    const state = this.#state;
    const { progress } = state;
    const batch = await this.#prefetcher.take(this.#position());
    this.#enterBatch();
    await this.#hook("onTrainBatchStart");
    if (state.stepFinished) await this.#hook("onBeforeOptimizerStep");
    const running = this.#parts.trainStep.run(batch, this.#update());
    this.#prefetchNext();
    const values = await running;
    this.#window.add(values, 1);
    progress.batchIndex++;
    progress.microBatch++;
    if (state.stepFinished) this.#finishStep();
    await this.#hook("onTrainBatchEnd");
    await state.metricLog.emit();
    if (state.stepFinished) this.#throwIfAborted();
  }

  /** Sets what hooks may know of the batch before it runs. */
  #enterBatch(): void {
    const state = this.#state;
    const { progress, settings, batchesPerEpoch } = state;
    const done = progress.batchIndex + 1;
    state.stage = "train";
    state.batchIndex = progress.batchIndex;
    state.epochEnded = false;
    state.stepFinished = done % settings.accumulateGradBatches === 0 || done === batchesPerEpoch;
    const { optimizer, lrSchedule } = this.#parts;
    state.learningRate = optimizer.learningRate * state.lrFactor(lrSchedule, progress.step);
    state.isLoggingStep = state.stepFinished && this.#logsStep(progress.step + 1);
  }

  #logsStep(step: number): boolean {
    const { settings, estimatedSteps } = this.#state;
    const { logEveryNSteps } = settings;
    return logEveryNSteps > 0 && (step % logEveryNSteps === 0 || step === estimatedSteps);
  }

  #update(): Update | undefined {
    const { stepFinished, progress, settings, learningRate } = this.#state;
    if (!stepFinished) return undefined;
    return {
      hyperparameters: this.#parts.optimizer.hyperparameters(progress.step + 1, learningRate),
      batches: (progress.batchIndex % settings.accumulateGradBatches) + 1,
    };
  }

  /** Counts the step and makes the window's means known. */
  #finishStep(): void {
    const state = this.#state;
    const { loss = Number.NaN, ...others } = this.#window.means();
    this.#window.clear();
    state.progress.step++;
    state.progress.settled = false;
    state.loss = loss;
    this.#checkFinite("loss", loss);
    this.#checkFinite("gradient norm", others["gradientNorm"] ?? Number.NaN);
    state.rate.mark();
    const row: Record<string, number> = { "train/loss": loss };
    for (const [name, value] of Object.entries(others)) row[`train/${name}`] = value;
    row["train/learningRate"] = state.learningRate;
    row["epoch"] = state.epoch;
    if (state.isLoggingStep) state.metricLog.add(row);
    else state.metricLog.measure(row);
  }

  /** A run whose numbers are broken stops before anything of it is saved. */
  #checkFinite(what: string, value: number): void {
    if (Number.isFinite(value)) return;
    throw new RangeError(
      `Cannot go on after step ${this.#state.step}: expected a finite ${what}, got ${value}; lower the learning rate, clip gradients, or look at the data`,
    );
  }

  /** All that follows an optimizer step. Repeated when a run resumes in the middle of it. */
  async #settle(): Promise<void> {
    const state = this.#state;
    const { progress } = state;
    state.stepFinished = true;
    state.epochEnded = progress.batchIndex >= state.batchesPerEpoch;
    if (this.#validatesNow()) await this.#parts.validation?.validate();
    if (state.epochEnded || this.#reasonToStop()) {
      await this.#hook("onTrainEpochEnd");
      await state.metricLog.emit();
    }
    const reason = this.#reasonToStop();
    state.ending = reason !== undefined;
    if (reason && this.#validatesAtEnd()) await this.#parts.validation?.validate();
    progress.settled = true;
    await this.#parts.saver.saveIfWanted();
    state.rate.restart();
  }

  #validatesNow(): boolean {
    const { progress, settings, batchesPerEpoch, shouldStop } = this.#state;
    const { accumulateGradBatches } = settings;
    const steps = stepsPerEpoch(batchesPerEpoch, accumulateGradBatches);
    const stepInEpoch = Math.ceil(progress.batchIndex / accumulateGradBatches);
    if (isValidationDue(progress.step, progress.epoch, stepInEpoch, steps, settings)) return true;
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
    return stopReason({ step, epochsCompleted, stopRequested: shouldStop }, settings);
  }

  #position(): BatchPosition {
    const { epoch, batchIndex, microBatch } = this.#state.progress;
    return { epoch, index: batchIndex, microBatch };
  }

  /** Prepares the batch after the running one, unless training is known to end before it. */
  #prefetchNext(): void {
    const { progress, settings, batchesPerEpoch, stepFinished } = this.#state;
    const { step, epoch, batchIndex, microBatch } = progress;
    const epochEnds = batchIndex + 1 >= batchesPerEpoch;
    const epochsCompleted = epochEnds ? epoch + 1 : epoch;
    const stepsDone = stepFinished ? step + 1 : step;
    if (stepsDone >= settings.maxSteps || epochsCompleted >= settings.maxEpochs) return;
    const next = epochEnds ? { epoch: epoch + 1, index: 0 } : { epoch, index: batchIndex + 1 };
    this.#prefetcher.start({ ...next, microBatch: microBatch + 1 });
  }

  async #hook(hook: Hook): Promise<void> {
    await runHook(this.#state.settings.callbacks, hook, this.#state);
  }
}
