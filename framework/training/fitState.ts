import type { Compile } from "../base/compile.ts";
import type { HostBatch } from "../base/hostTensor.ts";
import type { DataLoader } from "../data/dataLoader.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type { LoggedHistogram, LoggedImage, Logger } from "../tracking/logger.ts";
import { makeBatch } from "./batchPrefetcher.ts";
import { runHook } from "./callback.ts";
import type { Progress } from "./checkpoint.ts";
import { removeCheckpointFolder } from "./checkpointFolder.ts";
import { MetricLog } from "./metricLog.ts";
import { StepRate } from "./stepRate.ts";
import type { TrainerSettings } from "./trainerOptions.ts";
import type { RunningOptimizer, Stage, TrainerState } from "./trainerState.ts";
import type { TrainingModule } from "./trainingModule.ts";

/** The Trainer's own, writable view of what callbacks see. */
export class FitState implements TrainerState {
  readonly task: "fit" | "validate";
  readonly module: TrainingModule;
  readonly settings: TrainerSettings;
  readonly metricLog: MetricLog;
  readonly rate: StepRate = new StepRate();
  readonly progress: Progress = {
    step: 0,
    epoch: 0,
    batchIndex: 0,
    microBatch: 0,
    settled: true,
    validatedAt: null,
  };

  stage: Stage = "idle";
  optimizerName = "";
  optimizer: Optimizer | undefined;
  batchIndex = 0;
  batchesPerEpoch = 0;
  validationBatches = 0;
  batchSize = 0;
  loss: number = Number.NaN;
  learningRate: number = Number.NaN;
  stepFinished = false;
  isLoggingStep = false;
  epochEnded = false;
  validation: "epochEnd" | "interval" | "never" = "never";
  ending = false;
  shouldStop = false;
  resumedFrom: string | undefined;
  /** Undefined outside of a fit. */
  trainLoader: DataLoader | undefined;
  /** Set once the fit is over. */
  epochsCompleted: number | undefined;
  /** Name of the last checkpoint that was saved or resumed from. */
  lastCheckpoint: string | undefined;
  checkpointRequested = false;

  constructor(task: "fit" | "validate", module: TrainingModule, settings: TrainerSettings) {
    this.task = task;
    this.module = module;
    this.settings = settings;
    this.metricLog = new MetricLog(settings.loggers, () => ({
      step: this.step,
      epoch: this.epoch,
    }));
  }

  get compile(): Compile {
    return this.settings.compile;
  }

  get optimizers(): readonly RunningOptimizer[] {
    const { optimizer, optimizerName: name, learningRate } = this;
    return optimizer ? [{ name, optimizer, learningRate }] : [];
  }

  get step(): number {
    return this.progress.step;
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

  get estimatedSteps(): number {
    const { maxSteps, maxEpochs, accumulateGradBatches } = this.settings;
    const perEpoch = Math.ceil(this.batchesPerEpoch / accumulateGradBatches);
    return Math.min(maxSteps, perEpoch * maxEpochs);
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

  get loggers(): readonly Logger[] {
    return this.settings.loggers;
  }

  async exampleBatch(): Promise<HostBatch> {
    const { module, trainLoader, settings } = this;
    if (!trainLoader) {
      throw new Error("Cannot make an example batch: expected a fit, got a validation");
    }
    return makeBatch(module, trainLoader, settings.seed, "train", firstBatch);
  }

  measuredAt(metric: string): number | undefined {
    return this.metricLog.measuredAt(metric);
  }

  saveCheckpoint(): void {
    this.checkpointRequested = true;
  }

  removeCheckpoint(name: string): void {
    const folder = this.settings.checkpointsFolder;
    if (folder === undefined || name === this.lastCheckpoint) return;
    if (this.settings.callbacks.some((callback) => callback.keepsCheckpoint?.(name))) return;
    removeCheckpointFolder(folder, name);
  }

  log(name: string, value: number): void {
    if (this.stage !== "sanity") this.metricLog.add({ [name]: value });
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

  print(line: string): void {
    this.settings.print(line);
  }

  async withExportWeights<Result>(work: () => Promise<Result>): Promise<Result> {
    await runHook(this.settings.callbacks, "onExportStart", this);
    try {
      return await work();
    } finally {
      await runHook(this.settings.callbacks, "onExportEnd", this);
    }
  }
}

const firstBatch = { epoch: 0, index: 0, microBatch: 0 };
