import path from "node:path";

import { InputError } from "../base/errors.ts";
import type { DataLoader } from "../data/dataLoader.ts";
import type { LrSchedule } from "../optim/lrSchedule.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { forEachCallback, runHook, type Hook } from "./callback.ts";
import { checkpointName, removeUnfinished } from "./checkpointFolder.ts";
import { CheckpointSaver } from "./checkpointSaver.ts";
import { FitLoop } from "./fitLoop.ts";
import { FitState } from "./fitState.ts";
import { InterruptedError } from "./interruptedError.ts";
import { limitBatches, stepsPerEpoch, type StopReason } from "./schedule.ts";
import type { TrainerSettings } from "./trainerOptions.ts";
import type { TrainingModule } from "./trainingModule.ts";
import { TrainStep } from "./trainStep.ts";
import { ValidationLoop } from "./validationLoop.ts";

/** What a fit reads. */
export interface FitData {
  trainLoader: DataLoader;
  valLoader?: DataLoader | undefined;
  /** Checkpoint folder to continue from. */
  resumeFrom?: string | undefined;
}

/** How a fit ended. */
export interface FitResult {
  readonly step: number;
  /** Epochs trained on; one that was cut short counts. */
  readonly epochs: number;
  readonly stopReason: StopReason | "nothingToTrain";
  /** Latest value of every metric. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** One call of `Trainer.fit`: everything around the loop, from setup to teardown. */
export class Fit {
  readonly state: FitState;
  readonly #data: FitData;
  readonly #settings: TrainerSettings;
  readonly #owned: { dispose(): void }[] = [];
  #saver: CheckpointSaver | undefined;

  constructor(module: TrainingModule, data: FitData, settings: TrainerSettings) {
    this.state = new FitState("fit", module, settings);
    this.#data = data;
    this.#settings = settings;
  }

  async run(): Promise<FitResult> {
    try {
      return await this.#run();
    } catch (error) {
      await this.#fail(error);
      throw error;
    } finally {
      for (const owned of this.#owned) owned.dispose();
      await this.#hook("teardown");
    }
  }

  async #run(): Promise<FitResult> {
    const { state } = this;
    const validation = this.#prepare();
    await this.#hook("setup");
    const { optimizer, lrSchedule = () => 1 } = state.module.configureOptimizers();
    const { loop, saver } = this.#assemble(optimizer, lrSchedule, validation);
    await this.#restore(saver);
    await this.#hook("onFitStart");
    const resumed = state.resumedFrom !== undefined;
    const { numSanityValSteps } = this.#settings;
    if (!resumed && numSanityValSteps !== 0) await validation?.sanityCheck(numSanityValSteps);
    const stopReason = await this.#train(loop);
    await this.#hook("onFitEnd");
    await state.metricLog.flush();
    const { step, epoch, metrics } = state;
    return { step, epochs: epoch, stopReason, metrics: { ...metrics } };
  }

  async #train(loop: FitLoop): Promise<FitResult["stopReason"]> {
    const { state } = this;
    if (state.batchesPerEpoch === 0 || loop.stopReason()) {
      this.#countEpochs();
      return "nothingToTrain";
    }
    await this.#hook("onTrainStart");
    const reason = await loop.run();
    this.#countEpochs();
    state.stage = "idle";
    await this.#hook("onTrainEnd");
    await state.metricLog.emit();
    return reason;
  }

  /** An epoch that was begun counts; its place in the data stays in `progress`. */
  #countEpochs(): void {
    const { epoch, batchIndex } = this.state.progress;
    this.state.epochsCompleted = batchIndex > 0 ? epoch + 1 : epoch;
  }

  /** Looks at the data before any hook runs. */
  #prepare(): ValidationLoop | undefined {
    const { state } = this;
    const { trainLoader } = this.#data;
    if (trainLoader.length === 0) {
      throw new InputError("Cannot fit: the training loader has no batch");
    }
    state.trainLoader = trainLoader;
    const { limitTrainBatches, checkpointsFolder } = this.#settings;
    state.batchesPerEpoch = limitBatches(
      "limitTrainBatches",
      limitTrainBatches,
      trainLoader.length,
    );
    if (checkpointsFolder !== undefined) removeUnfinished(checkpointsFolder);
    const validation = this.#prepareValidation();
    if (validation) this.#owned.push(validation);
    return validation;
  }

  #prepareValidation(): ValidationLoop | undefined {
    const { state } = this;
    const { valLoader } = this.#data;
    const { limitValBatches, valCheckInterval, checkValEveryNEpoch, print } = this.#settings;
    const hasStep = state.module.validationStep !== undefined;
    if (!valLoader || !hasStep) {
      if (valLoader) print("The module has no validationStep: validation is skipped");
      if (hasStep) print("There is no validation loader: validation is skipped");
      return undefined;
    }
    const batches = limitBatches("limitValBatches", limitValBatches, valLoader.length);
    if (batches === 0) return undefined;
    this.#checkInterval();
    const everyEpoch = valCheckInterval === undefined && checkValEveryNEpoch === 1;
    state.validation = everyEpoch ? "epochEnd" : "interval";
    return new ValidationLoop(state, valLoader, batches);
  }

  /** A whole interval longer than the epoch would never validate. */
  #checkInterval(): void {
    const { valCheckInterval, checkValEveryNEpoch, accumulateGradBatches } = this.#settings;
    const { batchesPerEpoch } = this.state;
    const steps = stepsPerEpoch(batchesPerEpoch, accumulateGradBatches);
    if (valCheckInterval === undefined || checkValEveryNEpoch === undefined) return;
    if (valCheckInterval <= steps || batchesPerEpoch === 0) return;
    throw new RangeError(
      `Cannot validate every ${valCheckInterval} steps: an epoch has ${steps}; set checkValEveryNEpoch to null to count across epochs`,
    );
  }

  #assemble(
    optimizer: Optimizer,
    lrSchedule: LrSchedule,
    validation: ValidationLoop | undefined,
  ): { loop: FitLoop; saver: CheckpointSaver } {
    const { state } = this;
    const { accumulateGradBatches, gradientClipVal, gradientClipAlgorithm } = this.#settings;
    const { module, compile } = state;
    this.#owned.push(optimizer);
    optimizer.initialize(module.trainableParameters());
    state.optimizerName = optimizer.name;
    state.optimizer = optimizer;
    const trainStep = new TrainStep({
      module,
      optimizer,
      compile,
      accumulates: accumulateGradBatches > 1,
      gradientClipVal,
      gradientClipAlgorithm,
    });
    this.#owned.unshift(trainStep);
    const saver = new CheckpointSaver(state, optimizer, lrSchedule);
    this.#saver = saver;
    const loader = this.#data.trainLoader;
    const parts = { state, loader, optimizer, lrSchedule, trainStep, saver, validation };
    return { loop: new FitLoop(parts), saver };
  }

  async #restore(saver: CheckpointSaver): Promise<void> {
    const { resumeFrom } = this.#data;
    if (resumeFrom === undefined) return;
    await saver.restore(resumeFrom);
    const { progress, batchesPerEpoch } = this.state;
    const completed = progress.epoch + (progress.batchIndex >= batchesPerEpoch ? 1 : 0);
    if (completed <= this.#settings.maxEpochs) return;
    throw new InputError(
      `Cannot resume from ${resumeFrom}: it has ${completed} epochs, more than maxEpochs ${this.#settings.maxEpochs}`,
    );
  }

  /** Tells the callbacks; after an interruption also saves, so that no finished step is lost. */
  async #fail(error: unknown): Promise<void> {
    const { state } = this;
    state.stage = "idle";
    await forEachCallback(this.#settings.callbacks, "onException", (callback) =>
      callback.onException?.(state, error),
    );
    if (!(error instanceof InterruptedError)) return;
    const { checkpointsFolder } = this.#settings;
    if (checkpointsFolder === undefined || !this.#saver) return;
    const { settled, step } = state.progress;
    const saved = settled && state.lastCheckpoint === checkpointName(step);
    const name = saved ? checkpointName(step) : await this.#saver.save(checkpointsFolder);
    error.checkpoint = path.join(checkpointsFolder, name);
  }

  async #hook(hook: Hook): Promise<void> {
    await runHook(this.#settings.callbacks, hook, this.state);
  }
}
