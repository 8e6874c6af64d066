import path from "node:path";

import { InputError } from "../base/errors.ts";
import type { DataLoader } from "../data/dataLoader.ts";
import type { DataLoaders, DataModule } from "../data/dataModule.ts";
import { shardLoader } from "../data/shardLoader.ts";
import { agree, checkAlike, shareVariables } from "./agreement.ts";
import { detectAnomalies } from "./anomaly.ts";
import { AutomaticStep } from "./automaticStep.ts";
import type { BatchStep } from "./batchStep.ts";
import { checkModule, checkTrainLoader, checkValidationInterval } from "./checkFit.ts";
import { listCheckpoints, removeUnfinished } from "./checkpointFolder.ts";
import { CheckpointSaver } from "./checkpointSaver.ts";
import { EvaluationLoop, validation as validationKind } from "./evaluationLoop.ts";
import { FitLoop } from "./fitLoop.ts";
import { FitState } from "./fitState.ts";
import type { StateHook } from "./hooks.ts";
import { InterruptedError } from "./interruptedError.ts";
import { limitLoaders, loaderList, oneEpoch, sizeOf } from "./loaders.ts";
import { ManualStep } from "./manualStep.ts";
import { configureSlots, running, type OptimizerSlot } from "./optimizerSlot.ts";
import { runTask } from "./runTask.ts";
import { limitBatches, type StopReason } from "./schedule.ts";
import type { TrainerSettings } from "./trainerOptions.ts";
import type { ManualTrainingModule, TrainingModule } from "./trainingModule.ts";

/** What a fit reads. */
export interface FitData {
  trainLoader: DataLoader;
  /** Several are walked one after another; their metrics end in `/dataloader_idx_N`. */
  valLoader?: DataLoaders | undefined;
  /**
   * Checkpoint folder to continue from; `last`: the newest intact one in `checkpointsFolder`, or
   * from the start when there is none.
   */
  resumeFrom?: "last" | (string & {}) | undefined;
}

/** The same, from a DataModule. */
export interface FitDataModule {
  dataModule: DataModule;
  resumeFrom?: FitData["resumeFrom"];
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
  readonly #module: TrainingModule | ManualTrainingModule;
  readonly #data: FitData;
  readonly #settings: TrainerSettings;
  readonly #owned: { dispose(): void }[] = [];
  #saver: CheckpointSaver | undefined;

  /** @param before the state in which an earlier fit ended */
  constructor(
    module: TrainingModule | ManualTrainingModule,
    data: FitData,
    settings: TrainerSettings,
    before?: FitState,
  ) {
    this.state = new FitState("fit", module, settings);
    if (before) {
      const { step, microBatch } = before.progress;
      Object.assign(this.state.progress, before.progress);
      this.state.progress.optimizersMadeAt = { step, microBatch };
      this.state.continueAccumulation(before.accumulateGradBatchesNow);
      this.state.metricLog.restore(before.metricLog.state());
      if (before.lossScaling) this.state.lossScaling?.restore(before.lossScaling.state());
      if (before.rollBacks) this.state.rollBacks?.continue(before.rollBacks);
    }
    this.#module = module;
    const { overfitBatches } = settings;
    this.#data =
      overfitBatches === undefined ? data : { ...data, trainLoader: oneEpoch(data.trainLoader) };
    this.#settings = settings;
  }

  async run(): Promise<FitResult> {
    return runTask(this.state, () => this.#run(), {
      afterException: (error) => this.#saveInterrupted(error),
      dispose: () => {
        for (const owned of this.#owned) owned.dispose();
      },
    });
  }

  /**
   * Writes the module's weights as they are now, as a checkpoint of weights only.
   *
   * @throws {Error} when the fit failed before it had an optimizer
   */
  async saveWeights(folder: string): Promise<void> {
    if (!this.#saver) throw new Error("Cannot save weights: expected a fit that has begun");
    await this.#saver.saveWeights(folder);
  }

  async #run(): Promise<FitResult> {
    const { state } = this;
    const validation = await this.#prepare();
    await this.#hook("setup");
    const { loop, saver, slots } = this.#assemble(validation);
    await this.#restore(saver);
    await checkAlike(state, slots);
    await shareVariables(state, slots);
    await this.#hook("onFitStart");
    await agree(state);
    const resumed = state.resumedFrom !== undefined;
    const { numSanityValSteps } = this.#settings;
    if (!resumed && numSanityValSteps !== 0) {
      await validation?.sanityCheck(numSanityValSteps);
      await agree(state);
    }
    saver.begin();
    const stopReason = await this.#train(loop).catch((error: unknown) =>
      this.#finishWriting(saver, error),
    );
    await saver.saveIfRequested();
    state.checkpoints.refuseRequests();
    await this.#hook("onFitEnd");
    await state.metricLog.flush();
    this.#printProfile();
    const { step, epoch, metrics } = state;
    return { step, epochs: epoch, stopReason, metrics: { ...metrics } };
  }

  /** What was saved before a failure is not lost; what went wrong first is what must be seen. */
  async #finishWriting(saver: CheckpointSaver, failure: unknown): Promise<never> {
    try {
      await saver.finishWriting();
    } catch (error) {
      if (error !== failure) this.state.print(String(error));
    }
    throw failure;
  }

  async #train(loop: FitLoop): Promise<FitResult["stopReason"]> {
    const { state } = this;
    if (state.batchesPerEpoch === 0 || loop.stopReason()) {
      this.#countEpochs();
      if (loop.timeIsOver) state.print("There is nothing to train: the time is over");
      return "nothingToTrain";
    }
    if (state.resumedFrom === undefined) await this.#saver?.saveStart();
    await this.#hook("onTrainStart");
    const reason = await loop.run();
    if (loop.timeIsOver) state.print(`Training ends after step ${state.step}: the time is over`);
    state.updateWatch.leave();
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
  async #prepare(): Promise<EvaluationLoop | undefined> {
    const { state } = this;
    checkModule(this.#module, this.#settings);
    const { globalRank: rank, worldSize } = state;
    checkTrainLoader(this.#data.trainLoader);
    const trainLoader = await shardLoader(this.#data.trainLoader, { rank, worldSize });
    state.trainLoader = trainLoader;
    const { limitTrainBatches, checkpointsFolder } = this.#settings;
    state.batchesPerEpoch = limitBatches(
      "limitTrainBatches",
      limitTrainBatches,
      sizeOf(trainLoader),
    );
    if (checkpointsFolder !== undefined && rank === 0) {
      removeUnfinished(checkpointsFolder);
      this.#warnOfOthers(checkpointsFolder);
    }
    const validation = this.#prepareValidation();
    if (validation) this.#owned.push(validation);
    return validation;
  }

  /** Of checkpoints that a fit which begins anew will write beside. */
  #warnOfOthers(folder: string): void {
    const [newest] = listCheckpoints(folder);
    if (newest === undefined || this.#data.resumeFrom !== undefined || this.state.step > 0) return;
    this.state.print(
      `${folder} has checkpoints of another fit, the newest ${newest}; resumeFrom: "last" would go on from it`,
    );
  }

  #prepareValidation(): EvaluationLoop | undefined {
    const { state } = this;
    const { limitValBatches, valCheckInterval, validationInterval, checkValEveryNEpoch, print } =
      this.#settings;
    const loaders = loaderList(this.#data.valLoader);
    const hasStep = state.module.validationStep !== undefined;
    if (loaders.length === 0 || !hasStep) {
      if (loaders.length > 0) print("The module has no validationStep: validation is skipped");
      if (hasStep) print("There is no validation loader: validation is skipped");
      return undefined;
    }
    const limited = limitLoaders("limitValBatches", limitValBatches, loaders);
    if (limited.every(({ batches }) => batches === 0)) return undefined;
    checkValidationInterval(state.batchesPerEpoch, this.#settings);
    const hasInterval = (valCheckInterval ?? validationInterval) !== undefined;
    const everyEpoch = !hasInterval && checkValEveryNEpoch === 1;
    state.validation = everyEpoch ? "epochEnd" : "interval";
    return new EvaluationLoop(state, validationKind, limited);
  }

  #assemble(validation: EvaluationLoop | undefined): {
    loop: FitLoop;
    saver: CheckpointSaver;
    slots: readonly OptimizerSlot[];
  } {
    const { state } = this;
    const loader = state.trainLoader!;
    const slots = configureSlots(state);
    this.#owned.push(...slots);
    state.optimizers = slots.map(running);
    const batchStep = this.#batchStep(slots);
    this.#owned.unshift(batchStep);
    state.trialParts = { loader, slots, batchStep };
    const saver = new CheckpointSaver(state, slots);
    this.#saver = saver;
    this.#owned.push(saver);
    const loop = new FitLoop({ state, loader, slots, batchStep, saver, validation });
    return { loop, saver, slots };
  }

  #batchStep(slots: readonly OptimizerSlot[]): BatchStep {
    const { state } = this;
    const module = this.#module;
    const compile = this.#settings.detectAnomaly ? detectAnomalies : state.compileStep;
    if ("manualTrainingStep" in module) return new ManualStep(state, module, slots, compile);
    if (slots.length === 1) return new AutomaticStep(state, module, slots[0]!, compile);
    throw new TypeError(
      `Cannot fit: expected one optimizer, got ${slots.length}; several need a manualTrainingStep`,
    );
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

  /** Saves after an interruption, so that no finished step is lost. */
  async #saveInterrupted(error: unknown): Promise<void> {
    if (!(error instanceof InterruptedError)) return;
    const { checkpointsFolder } = this.#settings;
    if (checkpointsFolder === undefined || !this.#saver) return;
    error.checkpoint = path.join(checkpointsFolder, await this.#saver.save(checkpointsFolder));
  }

  #printProfile(): void {
    const { profiler, print } = this.#settings;
    const table = this.state.profiler?.table({ longest: profiler === "advanced" });
    if (table !== undefined) print(table);
  }

  async #hook(hook: StateHook): Promise<void> {
    await this.state.listeners.run(hook, this.state);
  }
}
