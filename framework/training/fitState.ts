import type * as tf from "@tensorflow/tfjs";

import type { Compile } from "../base/compile.ts";
import type { HostBatch, HostTensor } from "../base/hostTensor.ts";
import type { Interval } from "../base/interval.ts";
import type { DataLoader } from "../data/dataLoader.ts";
import type { DataModule } from "../data/dataModule.ts";
import type { StepFlops } from "../nn/stepFlops.ts";
import type {
  LoggedHistogram,
  LoggedImage,
  LoggedPrCurve,
  LoggedTable,
  Logger,
} from "../tracking/logger.ts";
import { batchesPerStep, type AccumulationSchedule } from "./accumulationSchedule.ts";
import { restoreAfterException, restoreTogether } from "./agreement.ts";
import { makeBatch } from "./batchPrefetcher.ts";
import { withModuleCallbacks } from "./callback.ts";
import type { Progress } from "./checkpointContent.ts";
import type { CheckpointRequest } from "./checkpointRequest.ts";
import { estimatedEpochs, estimatedSteps } from "./estimatedLength.ts";
import { FitCheckpoints } from "./fitCheckpoints.ts";
import { Listeners } from "./listeners.ts";
import type { LogOptions, LogScope } from "./logOptions.ts";
import { logValue } from "./logValue.ts";
import { LossScaling } from "./lossScaling.ts";
import { MetricLog } from "./metricLog.ts";
import { Profiler } from "./profiler.ts";
import { RecordedLogs } from "./recordedLogs.ts";
import { RollBacks } from "./rollBacks.ts";
import { measureStatistics } from "./runningStatistics.ts";
import { saveAfterException } from "./saveAfterException.ts";
import { stepCompiler } from "./stepCompiler.ts";
import type { StepContext } from "./stepContext.ts";
import { StepRate } from "./stepRate.ts";
import type { TrainerSettings } from "./trainerOptions.ts";
import type { RunningOptimizer, Stage, Task, TrainerState } from "./trainerState.ts";
import { trainingFlops } from "./trainingFlops.ts";
import type { BaseModule } from "./trainingModule.ts";
import { tryTraining, type TrialOptions, type TrialParts, type TrialWork } from "./trial.ts";
import { UpdateWatch } from "./updateWatch.ts";
import { ValueLog } from "./valueLog.ts";

/** Of training, and where it is looked at. */
export interface TimeLimit {
  readonly seconds: number;
  readonly at: "step" | "epoch";
}

/** The Trainer's own, writable view of what callbacks see. */
export class FitState implements TrainerState {
  readonly task: Task;
  readonly module: BaseModule;
  readonly settings: TrainerSettings;
  readonly listeners: Listeners;
  readonly metricLog: MetricLog;
  readonly recordedLogs: RecordedLogs = new RecordedLogs();
  /** Of the running training epoch. */
  readonly trainLog: ValueLog;
  readonly profiler: Profiler | undefined;
  /** Compiles in the precision of the settings; `compile` is for what is not a step. */
  readonly compileStep: Compile;
  /** Undefined: the loss is minimised as it is. */
  readonly lossScaling: LossScaling | undefined;
  /** Undefined: a step that is not finite is not gone back for. */
  readonly rollBacks: RollBacks | undefined;
  readonly rate: StepRate = new StepRate();
  readonly checkpoints: FitCheckpoints;
  readonly updateWatch: UpdateWatch = new UpdateWatch();
  readonly progress: Progress = {
    step: 0,
    epoch: 0,
    batchIndex: 0,
    microBatch: 0,
    settled: true,
    validatedAt: null,
    samples: 0,
  };

  stage: Stage = "idle";
  /** Where `log` is called from now, and what it then writes to. */
  logScope: LogScope = "now";
  valueLog: ValueLog;
  optimizers: readonly RunningOptimizer[] = [];
  /** What a fit trains with, once it is assembled. */
  trialParts: Omit<TrialParts, "state"> | undefined;
  /** Of a fit, once its loop is assembled. */
  counters: { isDue(interval: Interval): boolean; takeTime(seconds: number): void } | undefined;
  batchIndex = 0;
  batchesPerEpoch = 0;
  accumulationSchedule: AccumulationSchedule | undefined;
  evaluationBatches = 0;
  batchSize = 0;
  loss: number = Number.NaN;
  learningRate: number = Number.NaN;
  changeLrFactor: TrainerState["changeLrFactor"] = undefined;
  readonly stagedGroups: TrainerState["stagedGroups"] = new Map();
  stepFinished = false;
  abortAgreed = false;
  /** Whether what was done about a failure, such as to save, has failed itself: others may be waiting there. */
  hasFailedAgain = false;
  /** The first worker whose loss is not finite, if there are several. */
  brokenRank: number | undefined;
  isLoggingStep = false;
  epochEnded = false;
  validation: "epochEnd" | "interval" | "never" = "never";
  ending = false;
  shouldStop = false;
  /** `maxTime`, and those of callbacks. */
  readonly timeLimits: TimeLimit[];
  /** Whose state is part of checkpoints. */
  dataModule: DataModule | undefined;
  /** Undefined outside of a fit. */
  trainLoader: DataLoader | undefined;
  /** Set once the fit is over. */
  epochsCompleted: number | undefined;
  /** Other state of the last step that is done with, while a window's batches change it. */
  settledOtherState: ReadonlyMap<string, HostTensor> | undefined;
  /** Set by what saves, once that is there. */
  saveAtOnce: ((request: CheckpointRequest) => Promise<string | undefined>) | undefined;
  /** Waits for what it writes. */
  finishWriting: (() => Promise<void>) | undefined;
  /** Where there is no schedule. */
  #accumulateGradBatches: number;

  constructor(task: Task, module: BaseModule, settings: TrainerSettings) {
    this.task = task;
    this.module = module;
    const own = module.configureCallbacks?.() ?? [];
    const callbacks = withModuleCallbacks(settings.callbacks, own, settings.fastDevRun);
    this.settings = { ...settings, callbacks };
    this.#accumulateGradBatches = settings.accumulateGradBatches;
    const { maxTimeSeconds: seconds } = settings;
    this.timeLimits = seconds < Infinity ? [{ seconds, at: "step" }] : [];
    this.compileStep = stepCompiler(settings);
    const { precision, lossScale, onNonFinite, checkpointsFolder, maxRollBacks } = settings;
    const rollsBack = onNonFinite === "rollBack" && checkpointsFolder !== undefined;
    this.rollBacks = rollsBack ? new RollBacks(checkpointsFolder, maxRollBacks) : undefined;
    if (precision === "16-mixed") this.lossScaling = new LossScaling(lossScale, rollsBack);
    else this.lossScaling = onNonFinite === "stop" ? undefined : new LossScaling();
    this.profiler = settings.profiler === null ? undefined : new Profiler();
    this.listeners = new Listeners(callbacks, module, this.profiler);
    this.checkpoints = new FitCheckpoints(this.settings);
    this.metricLog = new MetricLog(settings.loggers, this);
    this.trainLog = new ValueLog(this.metricLog);
    this.valueLog = this.trainLog;
  }

  get compile(): Compile {
    return this.settings.compile;
  }

  get globalRank(): number {
    return this.settings.world.rank;
  }

  get worldSize(): number {
    return this.settings.world.size;
  }

  /** Whether all workers know of a request to interrupt the fit. */
  get aborted(): boolean {
    return this.worldSize === 1 ? this.signalled : this.abortAgreed;
  }

  /** Whether this worker was asked to interrupt the fit. */
  get signalled(): boolean {
    return this.settings.signal?.aborted ?? false;
  }

  get step(): number {
    return this.progress.step;
  }

  get stepsTaken(): number {
    return this.progress.stepsTaken ?? 1;
  }

  get epoch(): number {
    return this.epochsCompleted ?? this.progress.epoch;
  }

  get validatedAt(): number | undefined {
    return this.progress.validatedAt ?? undefined;
  }

  get maxSteps(): number | undefined {
    return Number.isFinite(this.settings.maxSteps) ? this.settings.maxSteps : undefined;
  }

  get accumulateGradBatches(): number {
    const { accumulationSchedule, progress } = this;
    if (!accumulationSchedule) return this.#accumulateGradBatches;
    return batchesPerStep(accumulationSchedule, progress.epoch);
  }

  set accumulateGradBatches(batches: number) {
    this.#accumulateGradBatches = batches;
  }

  /** The same where a callback has set it; undefined: the settings or a schedule decide. */
  get accumulateGradBatchesNow(): number | undefined {
    const isSet = this.#accumulateGradBatches !== this.settings.accumulateGradBatches;
    return isSet && !this.accumulationSchedule ? this.#accumulateGradBatches : undefined;
  }

  /** Goes on after the start of an epoch, where a callback has set it, or has not. */
  continueAccumulation(batches: number | undefined): void {
    const { epoch, batchIndex } = this.progress;
    if (epoch === 0 && batchIndex === 0) return;
    this.#accumulateGradBatches = batches ?? this.settings.accumulateGradBatches;
  }

  get estimatedSteps(): number {
    return estimatedSteps(this);
  }

  get estimatedEpochs(): number {
    return estimatedEpochs(this);
  }

  get stepsPerSecond(): number {
    return this.rate.perSecond();
  }

  get metrics(): Readonly<Record<string, number>> {
    return this.metricLog.metrics;
  }

  get checkpointsFolder(): string | undefined {
    return this.settings.checkpointsFolder;
  }

  get resumedFrom(): string | undefined {
    return this.checkpoints.resumedFrom;
  }

  get loggers(): readonly Logger[] {
    return this.settings.loggers;
  }

  async exampleBatch(): Promise<HostBatch> {
    const { module, trainLoader, settings } = this;
    if (!trainLoader) {
      throw new Error("Cannot make an example batch: expected a fit, got a validation");
    }
    const { seed, world } = settings;
    const source = { module, loader: trainLoader, loaderIndex: 0, seed, world };
    return makeBatch(source, "train", firstBatch);
  }

  limitTime(seconds: number, at: TimeLimit["at"]): void {
    this.timeLimits.push({ seconds, at });
  }

  setLearningRate(learningRate: number, optimizer?: string): void {
    const slots = this.trialParts?.slots ?? [];
    const slot = optimizer === undefined ? slots[0] : slots.find(({ name }) => name === optimizer);
    if (!slot) {
      throw new RangeError(
        `Cannot set the learning rate of ${optimizer ?? "an optimizer"}: expected one of [${slots.map(({ name }) => name).join(", ")}]`,
      );
    }
    slot.baseLearningRate = learningRate;
  }

  async tryTraining<Result>(work: TrialWork<Result>, options?: TrialOptions): Promise<Result> {
    if (this.trialParts) return tryTraining({ state: this, ...this.trialParts }, work, options);
    throw new Error(`Cannot train on trial: expected a fit that has begun, got ${this.task}`);
  }

  async measureStatistics(): Promise<readonly string[]> {
    if (!this.trainLoader) {
      throw new Error(`Cannot measure statistics: expected a fit that has begun, got ${this.task}`);
    }
    return this.time("running statistics", () => measureStatistics(this));
  }

  async stepFlops(): Promise<StepFlops> {
    return trainingFlops(this);
  }

  isDue(interval: Interval): boolean {
    return this.counters?.isDue(interval) ?? false;
  }

  measuredAt(metric: string): number | undefined {
    return this.metricLog.measuredAt(metric);
  }

  saveCheckpoint(request: CheckpointRequest = {}): void {
    this.checkpoints.request(request);
  }

  async saveAfterException(
    error: unknown,
    request: CheckpointRequest = {},
  ): Promise<string | undefined> {
    return saveAfterException(this, error, request);
  }

  async checkpointsWritten(): Promise<void> {
    await this.finishWriting?.();
  }

  async restoreWeights(checkpoint: string | undefined): Promise<void> {
    await restoreTogether(this, checkpoint);
  }

  async restoreAfterException(error: unknown, checkpoint: string | undefined): Promise<boolean> {
    return restoreAfterException(this, error, checkpoint);
  }

  freeCheckpointName(name: string, replaced: readonly string[]): string {
    return this.checkpoints.freeName(name, replaced, this.step);
  }

  removeCheckpoint(name: string): void {
    this.checkpoints.remove(name);
  }

  get progressBarMetrics(): Readonly<Record<string, number>> {
    const names = this.trainLog.progressBarNames();
    return Object.fromEntries(
      names.filter((name) => name in this.metrics).map((name) => [name, this.metrics[name]!]),
    );
  }

  log(name: string, value: tf.Tensor | number, options: LogOptions = {}): void {
    logValue(this, name, value, options);
  }

  logDict(values: Readonly<Record<string, tf.Tensor | number>>, options?: LogOptions): void {
    for (const [name, value] of Object.entries(values)) this.log(name, value, options);
  }

  /**
   * Whether a step changes nothing before its update that a checkpoint needs: batch normalisation
   * has other state that changes with every batch.
   */
  get changesOnlyInUpdate(): boolean {
    return this.settledOtherState !== undefined || !this.module.otherState?.().size;
  }

  /** Runs the function of a training step: to record it or, without a compiler, at every step. */
  recordStep(step: () => tf.NamedTensorMap): tf.NamedTensorMap {
    if (this.changesOnlyInUpdate) this.updateWatch.record();
    return this.recordedLogs.record(step);
  }

  /** What a step sees while it is recorded. */
  stepContext(loaderIndex: number): StepContext {
    return {
      loaderIndex,
      log: (...args) => this.log(...args),
      logDict: (...args) => this.logDict(...args),
    };
  }

  async logImages(key: string, images: readonly LoggedImage[]): Promise<void> {
    if (this.stage !== "sanity") await this.metricLog.images(key, images);
  }

  async logHistogram(key: string, histogram: LoggedHistogram): Promise<void> {
    if (this.stage !== "sanity") await this.metricLog.histogram(key, histogram);
  }

  async logText(key: string, text: string): Promise<void> {
    if (this.stage !== "sanity") await this.metricLog.text(key, text);
  }

  async logTable(key: string, table: LoggedTable): Promise<void> {
    if (this.stage !== "sanity") await this.metricLog.table(key, table);
  }

  async logPrCurve(key: string, curve: LoggedPrCurve): Promise<void> {
    if (this.stage !== "sanity") await this.metricLog.prCurve(key, curve);
  }

  /** Does `work`, as an action of the profiler if there is one. */
  time<Result>(action: string, work: () => Promise<Result>): Promise<Result> {
    return this.profiler ? this.profiler.time(action, work) : work();
  }

  print(line: string): void {
    this.settings.print(line);
  }

  async withExportWeights<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.listeners.runOnCallbacks("onExportStart", this);
    try {
      return await work();
    } finally {
      await this.listeners.runOnCallbacks("onExportEnd", this);
    }
  }
}

const firstBatch = { epoch: 0, index: 0, microBatch: 0 };
