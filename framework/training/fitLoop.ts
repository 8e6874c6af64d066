import { InputError } from "../base/errors.ts";
import { hasBatch, type DataLoader } from "../data/dataLoader.ts";
import { agree, shareOtherState } from "./agreement.ts";
import { BatchPrefetcher, makeBatch, samplesIn, type BatchPosition } from "./batchPrefetcher.ts";
import type { BatchStep, Update } from "./batchStep.ts";
import type { CheckpointSaver } from "./checkpointSaver.ts";
import type { EvaluationLoop } from "./evaluationLoop.ts";
import { FitCounters } from "./fitCounters.ts";
import type { FitState } from "./fitState.ts";
import type { HookBatch } from "./hooks.ts";
import { InterruptedError } from "./interruptedError.ts";
import { resolveLogOptions } from "./logOptions.ts";
import type { LossScaling } from "./lossScaling.ts";
import type { LrMoment } from "./lrClock.ts";
import { brokenValue, nonFiniteError, rollBack, stepsWithoutUpdate } from "./nonFinite.ts";
import { running, type OptimizerSlot } from "./optimizerSlot.ts";
import type { StopReason } from "./schedule.ts";

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
  readonly #counters: FitCounters;
  readonly #outputNames = new Map<string, string>();
  readonly #prefetcher: BatchPrefetcher;
  /** Batches of an epoch as the limits tell; an epoch of unknown length may end before. */
  readonly #limit: number;
  /** Whether the batch being trained on is the last of its epoch. */
  #lastOfEpoch = false;

  constructor(parts: FitLoopParts) {
    this.#parts = parts;
    this.#state = parts.state;
    this.#limit = parts.state.batchesPerEpoch;
    this.#counters = new FitCounters(parts.state);
    parts.state.counters = this.#counters;
    const { module, settings } = parts.state;
    this.#prefetcher = new BatchPrefetcher((position) =>
      makeBatch(
        {
          module,
          loader: parts.loader,
          loaderIndex: 0,
          seed: settings.seed,
          world: settings.world,
        },
        "train",
        position,
      ),
    );
  }

  /** Why there is nothing (more) to train, if so. */
  stopReason(): StopReason | undefined {
    return this.#state.progress.settled ? this.#counters.reasonToStop() : undefined;
  }

  /** Whether a limit of time is why training ends. */
  get timeIsOver(): boolean {
    return this.#counters.timeIsOver;
  }

  /** Trains until a limit or a request to stop ends it. */
  async run(): Promise<StopReason> {
    const { progress, updateWatch } = this.#state;
    updateWatch.settle();
    try {
      if (progress.batchIndex > 0) await this.#findEnd();
      this.#counters.begin();
      if (!progress.settled) await this.#settle();
      for (;;) {
        await agree(this.#state); // hooks have been called since
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
    const { loader } = this.#parts;
    if (!loader.has || batchIndex >= batchesPerEpoch) return;
    if (!(await hasBatch(loader, epoch, batchIndex))) {
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
    const { batchStep, saver } = this.#parts;
    batchStep.clear();
    state.epochEnded = true;
    saver.beforeHooks();
    this.#passTime({ at: "lastBatch", epoch: state.progress.epoch });
    await this.#endEpoch();
    this.#nextEpoch();
    this.#counters.cutEpoch();
    saver.settle();
    state.updateWatch.settle();
    if (!this.#counters.reasonToStop()) return;
    [state.epochEnded, state.ending] = [false, true];
    await this.#save();
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
    await agree(state);
  }

  /** Lets the learning rates go on that are due. */
  #passTime(moment: LrMoment): void {
    const { metrics, settings } = this.#state;
    for (const { clock } of this.#parts.slots) clock.pass(moment, metrics, settings.print);
  }

  #throwIfAborted(): void {
    const { aborted, progress } = this.#state;
    if (aborted) throw new InterruptedError(progress.step);
  }

  /** @returns whether a hook left the rest of the epoch out */
  async #batch(): Promise<boolean> {
    const state = this.#state;
    const { progress, listeners } = state;
    const batch = await state.time("next batch", () => this.#prefetcher.take(this.#position()));
    await this.#enterBatch(batch);
    const before: HookBatch = { batch, loaderIndex: 0, outputs: {}, predictions: {} };
    if (await listeners.runBatch("onTrainBatchStart", state, before)) return true;
    if (this.#indexInWindow() === 0) {
      await listeners.run("onBeforeZeroGrad", state);
      await this.#parts.saver.beforeWindow();
    }
    const changes = state.stepFinished || !state.changesOnlyInUpdate;
    if (changes) state.updateWatch.run();
    const given = await state.time("training step", () => {
      const running = this.#parts.batchStep.run(batch, this.#update());
      this.#prefetchNext();
      return running;
    });
    if (changes) state.updateWatch.change();
    const outputs = this.#keep(given);
    progress.batchIndex++;
    progress.microBatch++;
    progress.samples += state.batchSize * state.worldSize;
    if (this.#lastOfEpoch) state.batchesPerEpoch = progress.batchIndex;
    if (state.stepFinished) await this.#finishStep();
    this.#passTime({ at: "batchEnd", batches: progress.batchIndex, updated: state.stepFinished });
    if (this.#lastOfEpoch) this.#passTime({ at: "lastBatch", epoch: progress.epoch });
    await listeners.runBatch("onTrainBatchEnd", state, { ...before, outputs });
    if (state.stepFinished || !changes) state.updateWatch.settle();
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
    const { stepsPerUpdate } = this.#parts.batchStep;
    state.isLoggingStep =
      state.stepFinished && this.#counters.willLogStep(stepsPerUpdate, this.#lastOfEpoch);
  }

  #indexInWindow(): number {
    return this.#state.progress.batchIndex % this.#state.accumulateGradBatches;
  }

  #update(): Update | undefined {
    const state = this.#state;
    const { stepFinished, progress, module } = state;
    if (!stepFinished) return undefined;
    const { slots, batchStep } = this.#parts;
    const isManual = "manualTrainingStep" in module; // then every batch is an update
    const made = progress.optimizersMadeAt ?? { step: 0, microBatch: 0 };
    const updateSince = (step: number): number => {
      const since = Math.max(step, made.step);
      const updates = isManual ? progress.microBatch - made.microBatch : progress.step - since;
      const without = stepsWithoutUpdate(state, since);
      return updates - Math.floor(without / batchStep.stepsPerUpdate) + 1;
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
      trainLog.addOfBatch(this.#outputName(name), value, onStep, batchSize);
    }
    for (const { name, value, entry } of logged) trainLog.addOfBatch(name, value, entry, batchSize);
    return outputs;
  }

  /** Under which a step's output is known: the same text each time, which need not be hashed anew. */
  #outputName(name: string): string {
    let known = this.#outputNames.get(name);
    if (known === undefined) this.#outputNames.set(name, (known = `train/${name}`));
    return known;
  }

  /** Counts the step and makes the window's means known. */
  async #finishStep(): Promise<void> {
    const state = this.#state;
    const { stepsPerUpdate } = this.#parts.batchStep;
    state.progress.step += stepsPerUpdate;
    if (stepsPerUpdate !== 1) state.progress.stepsTaken = stepsPerUpdate;
    state.progress.settled = false;
    this.#counters.takeStep();
    state.isLoggingStep = this.#counters.logsStep;
    state.trainLog.finishStep(state.isLoggingStep);
    const { metrics } = state;
    state.loss = metrics["train/loss"] ?? Number.NaN;
    const broken = brokenValue(state);
    if (broken !== undefined) await this.#rollBack(broken);
    else if (state.lossScaling?.hasSkipped) this.#sayWhatIsSkipped(state.lossScaling);
    state.rate.mark();
    const row = {
      "train/learningRate": state.learningRate,
      ...skippingMetrics(state),
      epoch: state.epoch,
    };
    for (const [name, value] of Object.entries(row)) {
      state.metricLog.measure(name, value);
      if (state.isLoggingStep) state.metricLog.log(name, value);
    }
  }

  /** In `16-mixed` steps are left out now and then, and nobody needs to know. */
  #sayWhatIsSkipped({ isDynamic }: LossScaling): void {
    const { settings, step, metrics } = this.#state;
    if (isDynamic) return;
    settings.print(
      `Step ${step} has changed nothing: its loss is ${metrics["train/loss"]}, the norm of its gradients ${metrics["train/gradientNorm"]}`,
    );
  }

  /** @throws {RangeError} where the fit ends instead */
  async #rollBack(broken: string): Promise<void> {
    const { rollBacks } = this.#state;
    if (!rollBacks) throw nonFiniteError(this.#state, broken);
    this.#parts.batchStep.clear();
    await rollBack(this.#state, rollBacks, this.#parts.saver, broken);
  }

  /** All that follows an optimizer step. Repeated when a run resumes in the middle of it. */
  async #settle(): Promise<void> {
    const state = this.#state;
    const { progress } = state;
    const counters = this.#counters;
    counters.countTime();
    state.stepFinished = true;
    state.epochEnded = progress.batchIndex >= state.batchesPerEpoch;
    await agree(state);
    const validates = counters.validatesNow();
    if (validates || state.epochEnded || counters.reasonToStop()) this.#parts.saver.beforeHooks();
    if (validates) await this.#validate();
    this.#passTime({ at: "settled", batches: progress.batchIndex });
    if (state.epochEnded || counters.reasonToStop()) await this.#endEpoch();
    const reason = counters.reasonToStop();
    state.ending = reason !== undefined;
    if (reason && counters.validatesAtEnd()) await this.#validate();
    counters.settle();
    progress.settled = true;
    await this.#save();
    state.rate.restart();
  }

  async #save(): Promise<void> {
    await this.#state.time("checkpoint", () => this.#parts.saver.saveIfWanted());
  }

  async #validate(): Promise<void> {
    const { validation } = this.#parts;
    if (!validation) return;
    await shareOtherState(this.#state);
    await this.#state.time("validation", () => validation.evaluate());
    await agree(this.#state);
  }

  #position(): BatchPosition {
    const { epoch, batchIndex, microBatch } = this.#state.progress;
    return { epoch, index: batchIndex, microBatch };
  }

  /** Prepares the batch after the running one, unless training is known to end before it. */
  #prefetchNext(): void {
    const { module, progress, settings, batchesPerEpoch, stepFinished } = this.#state;
    if (module.preparesWithParameters) return;
    const { step, epoch, batchIndex, microBatch } = progress;
    const epochEnds = batchIndex + 1 >= batchesPerEpoch || this.#lastOfEpoch;
    const epochsCompleted = epochEnds ? epoch + 1 : epoch;
    const stepsDone = stepFinished ? step + this.#parts.batchStep.stepsPerUpdate : step;
    if (stepsDone >= settings.maxSteps || epochsCompleted >= settings.maxEpochs) return;
    const next = epochEnds ? { epoch: epoch + 1, index: 0 } : { epoch, index: batchIndex + 1 };
    this.#prefetcher.start({ ...next, microBatch: microBatch + 1 });
  }
}

/** The scale that the next step has, and what was left out or gone back for so far. */
function skippingMetrics({ lossScaling, rollBacks }: FitState): Record<string, number> {
  const row: Record<string, number> = {};
  if (lossScaling?.isDynamic) row["train/lossScale"] = lossScaling.scale;
  const skips = lossScaling?.isDynamic || !rollBacks;
  if (lossScaling && skips) row["train/skippedSteps"] = lossScaling.skippedSteps();
  if (rollBacks) row["train/rollBacks"] = rollBacks.count;
  return row;
}
