import type { Compile } from "../base/compile.ts";
import type { LrSchedule } from "../optim/lrSchedule.ts";
import type { LoggedImage } from "../tracking/logger.ts";
import { runHook } from "./callback.ts";
import type { Progress } from "./checkpoint.ts";
import {
  checkpointNameIn,
  checkpointStep,
  isInterruptedName,
  removeCheckpointFolder,
} from "./checkpointFolder.ts";
import type { CheckpointRequest } from "./checkpointRequest.ts";
import { MetricLog } from "./metricLog.ts";
import { StepRate } from "./stepRate.ts";
import type { TrainerSettings } from "./trainerOptions.ts";
import type { Stage, TrainerState } from "./trainerState.ts";
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
  batchIndex = 0;
  batchesPerEpoch = 0;
  loss: number = Number.NaN;
  learningRate: number = Number.NaN;
  changeLrSchedule: TrainerState["changeLrSchedule"] = undefined;
  stepFinished = false;
  isLoggingStep = false;
  epochEnded = false;
  validation: "epochEnd" | "interval" | "never" = "never";
  ending = false;
  shouldStop = false;
  resumedFrom: string | undefined;
  /** Set once the fit is over. */
  epochsCompleted: number | undefined;
  /** Name of the last checkpoint that was saved or resumed from. */
  lastCheckpoint: string | undefined;
  checkpointRequested = false;
  /** Checkpoints that the last durable state of the callbacks speaks of. */
  durablyKept: ReadonlySet<string> = new Set();
  /** Set by what saves, once that is there. */
  saveAtOnce: ((request: CheckpointRequest) => Promise<string | undefined>) | undefined;

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

  get estimatedEpochs(): number {
    const { maxSteps, maxEpochs, accumulateGradBatches } = this.settings;
    const perEpoch = Math.ceil(this.batchesPerEpoch / accumulateGradBatches);
    return Math.min(maxEpochs, Math.ceil(maxSteps / perEpoch));
  }

  /** The value of a schedule as callbacks have changed it. */
  lrFactor(schedule: LrSchedule, step: number): number {
    return (this.changeLrSchedule?.(schedule) ?? schedule)(step);
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

  measuredAt(metric: string): number | undefined {
    return this.metricLog.measuredAt(metric);
  }

  saveCheckpoint(): void {
    this.checkpointRequested = true;
  }

  async saveAfterException(request: CheckpointRequest = {}): Promise<string | undefined> {
    try {
      return await this.saveAtOnce?.(request);
    } catch (error) {
      this.print(`No checkpoint could be saved after the exception: ${String(error)}`);
      return undefined; // what went wrong first is what must be seen
    }
  }

  freeCheckpointName(name: string, replaced: readonly string[]): string {
    const folder = this.settings.checkpointsFolder ?? "";
    const resumes = checkpointNameIn(folder, this.resumedFrom) !== undefined;
    const isFree = (candidate: string): boolean => {
      if (replaced.includes(candidate)) return !this.#isNeeded(candidate);
      const step = checkpointStep(folder, candidate);
      return step === undefined || (resumes && step === this.step);
    };
    let free = name;
    for (let version = 1; !isFree(free); version++) free = `${name}-v${version}`;
    return free;
  }

  removeCheckpoint(name: string): void {
    const folder = this.settings.checkpointsFolder;
    if (folder === undefined || name === this.lastCheckpoint) return;
    if (this.durablyKept.has(name) || this.#isNeeded(name)) return;
    removeCheckpointFolder(folder, name);
  }

  /** A checkpoint of an interruption has done its duty when another one is there. */
  #isNeeded(name: string): boolean {
    const { callbacks, checkpointsFolder } = this.settings;
    const resumed = checkpointNameIn(checkpointsFolder, this.resumedFrom);
    if (name === resumed && !isInterruptedName(name)) return true;
    return callbacks.some((callback) => callback.keepsCheckpoint?.(name));
  }

  log(name: string, value: number): void {
    if (this.stage !== "sanity") this.metricLog.add({ [name]: value });
  }

  async logImages(key: string, images: readonly LoggedImage[]): Promise<void> {
    if (this.stage !== "sanity") await this.metricLog.images(key, images);
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
