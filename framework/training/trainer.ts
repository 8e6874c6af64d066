import { InputError } from "../base/errors.ts";
import type { HostTensor } from "../base/hostTensor.ts";
import type { DataLoaders, DataModule } from "../data/dataModule.ts";
import { broadcastText } from "../distributed/world.ts";
import type { Callback } from "./callback.ts";
import { findLastCheckpoint, pointedCheckpoint } from "./checkpointFolder.ts";
import { checkTrainerSettings } from "./checkTrainerSettings.ts";
import { Evaluation } from "./evaluation.ts";
import { Fit, type FitData, type FitDataModule, type FitResult } from "./fit.ts";
import { describeDifference, restoreWeights } from "./restoreWeights.ts";
import {
  limitOf,
  resolveTrainerOptions,
  type TrainerOptions,
  type TrainerSettings,
} from "./trainerOptions.ts";
import type { BaseModule, ManualTrainingModule, TrainingModule } from "./trainingModule.ts";
import { usingDataModule } from "./usingDataModule.ts";

export type { FitData, FitDataModule, FitResult } from "./fit.ts";
export type { TrainerOptions } from "./trainerOptions.ts";

export type TrainerStatus = "initializing" | "running" | "finished" | "interrupted";

export interface EvaluationOptions {
  /** Weights to load first: `best` or `last` of the checkpoints, or a folder. Default: none. */
  checkpoint?: "best" | "last" | (string & {}) | undefined;
  /** Whether it must be of the same model; otherwise what differs is printed. Default: it must. */
  strict?: boolean | undefined;
}

/** Data to evaluate on, from a DataModule. */
export interface EvaluationData {
  dataModule: DataModule;
}

/** What `predictStep` gave for one batch: tensors by name, the batch along their first axis. */
export type Prediction = Readonly<Record<string, HostTensor>>;

/**
 * Owns the training loop and nothing else: data, model, loggers and callbacks arrive from outside,
 * and loggers are not finalized here.
 */
export class Trainer {
  #settings: TrainerSettings;
  #status: TrainerStatus = "initializing";
  #lastFit: Fit | undefined;

  /** @throws {RangeError} when an option cannot be used */
  constructor(options: TrainerOptions = {}) {
    this.#settings = resolveTrainerOptions(options);
  }

  get status(): TrainerStatus {
    return this.#status;
  }

  /** Optimizer steps of all fits so far. */
  get globalStep(): number {
    return this.#lastFit?.state.step ?? 0;
  }

  /** Epochs of all fits so far; while a fit is running, the index of its epoch. */
  get currentEpoch(): number {
    return this.#lastFit?.state.epoch ?? 0;
  }

  /**
   * Where the next fit ends, which goes on from the last one; null: no limit.
   *
   * @throws {RangeError} when it is set to what is no limit
   */
  get maxEpochs(): number | null {
    return Number.isFinite(this.#settings.maxEpochs) ? this.#settings.maxEpochs : null;
  }

  set maxEpochs(maxEpochs: number | null) {
    this.#limit({ maxEpochs: limitOf(maxEpochs) });
  }

  /** As `maxEpochs`, in optimizer steps. */
  get maxSteps(): number | null {
    return Number.isFinite(this.#settings.maxSteps) ? this.#settings.maxSteps : null;
  }

  set maxSteps(maxSteps: number | null) {
    this.#limit({ maxSteps: limitOf(maxSteps) });
  }

  /**
   * Writes the weights of the last fit's module, as they are now, to a folder that
   * `restoreWeights` and the option `checkpoint` of evaluations read. To save all that training
   * goes on from, ask in a hook: `state.saveCheckpoint()`.
   *
   * @throws {Error} before the first fit
   */
  async saveWeights(folder: string): Promise<void> {
    if (!this.#lastFit) throw new Error("Cannot save weights: expected a fit before, got none");
    await this.#lastFit.saveWeights(folder);
  }

  /**
   * Trains the module in place, from step 0, from a checkpoint, or from where the last fit of this
   * Trainer ended. Given the same seed, data and options, every step has the same bits, whether or
   * not the fit was interrupted and resumed.
   *
   * @throws {InterruptedError} when the signal was aborted
   */
  async fit(
    module: TrainingModule | ManualTrainingModule,
    data: FitData | FitDataModule,
  ): Promise<FitResult> {
    if ("dataModule" in data && ("trainLoader" in data || "valLoader" in data)) {
      throw new TypeError("Cannot fit: expected loaders or a dataModule, got both");
    }
    return this.#watch(async () => {
      const resumeFrom = await this.#resolve(data.resumeFrom);
      if (!("dataModule" in data)) return this.#fit(module, { ...data, resumeFrom });
      const { dataModule } = data;
      return usingDataModule(dataModule, "fit", resumeFrom, ({ train, evaluation }) => {
        const loaders = { trainLoader: train!, valLoader: evaluation, resumeFrom };
        return this.#fit(module, loaders, dataModule);
      });
    });
  }

  /** The checkpoint that `last` stands for; all workers take rank 0's. */
  async #resolve(resumeFrom: string | undefined): Promise<string | undefined> {
    if (resumeFrom !== "last") return resumeFrom;
    const { world, checkpointsFolder = "", print } = this.#settings;
    const found = world.rank === 0 ? (findLastCheckpoint(checkpointsFolder, print) ?? "") : "";
    const last = await broadcastText(world, "the checkpoint to resume from", found);
    if (last !== "") return last;
    print("There is no last checkpoint to resume from: training begins at step 0");
    return undefined;
  }

  async #fit(
    module: TrainingModule | ManualTrainingModule,
    data: FitData,
    dataModule?: DataModule,
  ): Promise<FitResult> {
    const fit = new Fit(module, data, this.#settings, this.#lastFit?.state);
    fit.state.dataModule = dataModule;
    this.#lastFit = fit;
    return fit.run();
  }

  /**
   * Mean metrics over one or more loaders, with a list entry for each; also logged, at the last
   * fit's step.
   */
  async validate(
    module: BaseModule,
    data: DataLoaders | EvaluationData,
    options: EvaluationOptions = {},
  ): Promise<Record<string, number>[]> {
    return this.#evaluate("validate", module, data, options);
  }

  /** As `validate`, with the module's `testStep`. */
  async test(
    module: BaseModule,
    data: DataLoaders | EvaluationData,
    options: EvaluationOptions = {},
  ): Promise<Record<string, number>[]> {
    return this.#evaluate("test", module, data, options);
  }

  /**
   * Runs the module's `predictStep` over one or more loaders.
   *
   * @returns for each loader its batches' predictions; none when `returnPredictions` is false, for
   *   callbacks that take them away in `onPredictBatchEnd`
   */
  async predict(
    module: BaseModule,
    data: DataLoaders | EvaluationData,
    options: EvaluationOptions & { returnPredictions?: boolean } = {},
  ): Promise<Prediction[][]> {
    const { returnPredictions = true } = options;
    const kept: Prediction[][] = [];
    const keepFor = (loaderIndex: number): Prediction[] => {
      while (kept.length <= loaderIndex) kept.push([]); // a loader before it may have no batch
      return kept[loaderIndex]!;
    };
    const keeping: Callback = {
      name: "predictions",
      onPredictBatchEnd: (_state, { loaderIndex, predictions }) =>
        void keepFor(loaderIndex).push(predictions),
    };
    await this.#evaluate("predict", module, data, options, returnPredictions ? [keeping] : []);
    return kept;
  }

  async #evaluate(
    task: "validate" | "test" | "predict",
    module: BaseModule,
    data: DataLoaders | EvaluationData,
    { checkpoint, strict = true }: EvaluationOptions,
    extra: readonly Callback[] = [],
  ): Promise<Record<string, number>[]> {
    const settings = { ...this.#settings, callbacks: [...this.#settings.callbacks, ...extra] };
    const { globalStep: step, currentEpoch: epoch } = this;
    const evaluate = async (loaders: DataLoaders): Promise<Record<string, number>[]> => {
      const evaluation = new Evaluation(task, module, loaders, settings, { step, epoch });
      if (checkpoint !== undefined) {
        const folder = await this.#find(checkpoint);
        const difference = describeDifference(restoreWeights(module, folder, { strict }));
        if (difference !== undefined) settings.print(`Weights of ${folder}: ${difference}`);
      }
      return evaluation.run();
    };
    return this.#watch(async () =>
      "dataModule" in data
        ? usingDataModule(data.dataModule, task, undefined, (open) => evaluate(open.evaluation!))
        : evaluate(data),
    );
  }

  /** Where rank 0 finds it; the others ask when it has saved all. */
  async #find(checkpoint: string): Promise<string> {
    const { world } = this.#settings;
    const found = world.rank === 0 ? this.#locate(checkpoint) : "";
    return broadcastText(world, "the checkpoint to evaluate", found);
  }

  #locate(checkpoint: string): string {
    if (checkpoint !== "best" && checkpoint !== "last") return checkpoint;
    const { checkpointsFolder } = this.#settings;
    if (checkpointsFolder !== undefined) return pointedCheckpoint(checkpointsFolder, checkpoint);
    throw new InputError(
      `Cannot find the ${checkpoint} checkpoint: the Trainer has no checkpointsFolder`,
    );
  }

  #limit(limits: Partial<TrainerSettings>): void {
    const settings = { ...this.#settings, ...limits };
    checkTrainerSettings(settings);
    this.#settings = settings;
  }

  async #watch<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#status = "running";
    try {
      const result = await work();
      this.#status = "finished";
      return result;
    } catch (error) {
      this.#status = "interrupted";
      throw error;
    }
  }
}
