import * as tf from "@tensorflow/tfjs";

import type { CompiledFunction } from "../base/compile.ts";
import { toTensors, type HostBatch, type HostTensor } from "../base/hostTensor.ts";
import { hasBatch, type DataLoader } from "../data/dataLoader.ts";
import { BatchPrefetcher, makeBatch, samplesIn } from "./batchPrefetcher.ts";
import type { FitState } from "./fitState.ts";
import type { EvaluationName, HookBatch } from "./hooks.ts";
import { InterruptedError } from "./interruptedError.ts";
import { resolveLogOptions } from "./logOptions.ts";
import { checkScalars, takeScalars } from "./scalars.ts";
import type { StepContext } from "./stepContext.ts";
import { ValueLog } from "./valueLog.ts";

/** What differs between validation, test and prediction. */
export interface EvaluationKind {
  readonly name: EvaluationName;
  readonly stage: "validate" | "test" | "predict";
  readonly step: "validationStep" | "testStep" | "predictStep";
}

export const validation: EvaluationKind = {
  name: "Validation",
  stage: "validate",
  step: "validationStep",
};
export const testing: EvaluationKind = { name: "Test", stage: "test", step: "testStep" };
export const prediction: EvaluationKind = {
  name: "Predict",
  stage: "predict",
  step: "predictStep",
};

/** A loader and how many of its batches are used. */
export interface LimitedLoader {
  readonly loader: DataLoader;
  readonly batches: number;
}

/** What one batch gave. */
type Given = Pick<HookBatch, "outputs" | "predictions">;

/**
 * Walks the batches of one or more loaders, one loader after another. A batch's random numbers
 * depend on its place alone, so every validation of a fit sees the same noise.
 */
export class EvaluationLoop {
  readonly #state: FitState;
  readonly #kind: EvaluationKind;
  readonly #loaders: readonly LimitedLoader[];
  readonly #steps: readonly CompiledFunction<tf.NamedTensorMap, tf.NamedTensorMap>[];

  constructor(state: FitState, kind: EvaluationKind, loaders: readonly LimitedLoader[]) {
    this.#state = state;
    this.#kind = kind;
    this.#loaders = loaders;
    this.#steps = loaders.map((_, loaderIndex) =>
      state.compileStep((inputs: tf.NamedTensorMap) =>
        state.recordedLogs.record(() => this.#record(inputs, state.stepContext(loaderIndex))),
      ),
    );
  }

  /**
   * Evaluates with all hooks; the means become metrics and are logged.
   *
   * @returns each loader's metrics
   */
  async evaluate(): Promise<Record<string, number>[]> {
    const state = this.#state;
    const { stage, batchIndex } = state;
    state.stage = this.#kind.stage;
    await this.#hook("Start");
    const metrics = await this.#run(this.#loaders.map(({ batches }) => batches));
    if (this.#kind === validation) state.progress.validatedAt = state.step;
    await state.metricLog.emit();
    await this.#hook("End");
    await state.metricLog.emit();
    Object.assign(state, { stage, batchIndex });
    return metrics;
  }

  /**
   * Tries a few batches of each loader before training; nothing is logged or remembered.
   *
   * @param batches -1: all
   */
  async sanityCheck(batches: number): Promise<void> {
    const state = this.#state;
    state.stage = "sanity";
    await state.listeners.runOnCallbacks("onSanityCheckStart", state);
    await this.#hook("Start");
    await this.#run(
      this.#loaders.map((own) => (batches < 0 ? own.batches : Math.min(batches, own.batches))),
    );
    await this.#hook("End");
    await state.listeners.runOnCallbacks("onSanityCheckEnd", state);
    state.stage = "idle";
    state.batchIndex = 0;
  }

  dispose(): void {
    for (const step of this.#steps) step.dispose();
  }

  #record(inputs: tf.NamedTensorMap, context: StepContext): tf.NamedTensorMap {
    const { step } = this.#kind;
    const outputs = this.#state.module[step]?.(inputs, context);
    if (this.#kind !== prediction) checkScalars(`${step}()`, outputs);
    return outputs ?? {};
  }

  async #run(limits: readonly number[]): Promise<Record<string, number>[]> {
    const state = this.#state;
    state.evaluationBatches = limits.reduce((sum, limit) => sum + limit, 0);
    const outer = { valueLog: state.valueLog, logScope: state.logScope };
    const log = new ValueLog(state.metricLog);
    Object.assign(state, { valueLog: log, logScope: "evaluation" });
    try {
      await this.#hook("EpochStart");
      for (const [index, limit] of limits.entries()) await this.#runLoader(index, limit, log);
      await this.#hook("EpochEnd");
      if (state.stage === "sanity") return [];
      return this.#byLoader(log.finishEpoch());
    } finally {
      Object.assign(state, outer);
    }
  }

  async #runLoader(loaderIndex: number, limit: number, log: ValueLog): Promise<void> {
    const { module, settings } = this.#state;
    const { loader } = this.#loaders[loaderIndex]!;
    const prefetcher = new BatchPrefetcher((position) =>
      makeBatch({ module, loader, loaderIndex, seed: settings.seed }, this.#kind.stage, position),
    );
    const has = async (index: number): Promise<boolean> =>
      index < limit && (await hasBatch(loader, 0, index));
    try {
      for (let index = 0; await has(index); index++) {
        if (settings.signal?.aborted) throw new InterruptedError(this.#state.step);
        this.#state.batchIndex = index;
        const batch = await prefetcher.take(positionOf(index));
        const prefetch = !loader.has && index + 1 < limit;
        await this.#batch(batch, loaderIndex, log, () => {
          if (prefetch) prefetcher.start(positionOf(index + 1));
        });
      }
    } finally {
      await prefetcher.finish();
    }
  }

  async #batch(
    batch: HostBatch,
    loaderIndex: number,
    log: ValueLog,
    whileRunning: () => void,
  ): Promise<void> {
    const state = this.#state;
    const { name } = this.#kind;
    state.batchSize = samplesIn(batch);
    const before: HookBatch = { batch, loaderIndex, outputs: {}, predictions: {} };
    await state.listeners.runBatch(`on${name}BatchStart`, state, before);
    const inputs = toTensors(batch);
    try {
      const running = this.#steps[loaderIndex]!(inputs);
      whileRunning();
      const given = await this.#take(await running, loaderIndex, log);
      await state.listeners.runBatch(`on${name}BatchEnd`, state, { ...before, ...given });
    } finally {
      tf.dispose(inputs);
    }
  }

  async #take(tensors: tf.NamedTensorMap, loaderIndex: number, log: ValueLog): Promise<Given> {
    if (this.#kind === prediction) {
      return { outputs: {}, predictions: await takeTensors(tensors) };
    }
    const { recordedLogs, batchSize, stage } = this.#state;
    const { outputs, logged } = recordedLogs.split(await takeScalars(tensors));
    const mean = resolveLogOptions("", {}, "evaluation");
    const values = Object.entries(outputs).map(([name, value]) => ({ name, value, entry: mean }));
    for (const { name, value, entry } of [...values, ...logged]) {
      const several = this.#loaders.length > 1 && entry.addDataloaderIdx;
      const fullName = several ? name + suffixOf(loaderIndex) : name;
      if (stage !== "sanity") log.add(fullName, value, entry, batchSize);
    }
    if (stage !== "sanity") await this.#state.metricLog.emit();
    return { outputs, predictions: {} };
  }

  /** Splits metrics by the loader in their names; others belong to each. */
  #byLoader(metrics: Readonly<Record<string, number>>): Record<string, number>[] {
    const suffixes = this.#loaders.map((_, index) => suffixOf(index));
    return suffixes.map((suffix) =>
      Object.fromEntries(
        Object.entries(metrics).filter(
          ([name]) => name.endsWith(suffix) || !suffixes.some((other) => name.endsWith(other)),
        ),
      ),
    );
  }

  async #hook(moment: "Start" | "EpochStart" | "EpochEnd" | "End"): Promise<void> {
    await this.#state.listeners.run(`on${this.#kind.name}${moment}`, this.#state);
  }
}

const positionOf = (index: number) => ({ epoch: 0, index, microBatch: index });
const suffixOf = (loaderIndex: number): string => `/dataloader_idx_${loaderIndex}`;

async function takeTensors(tensors: tf.NamedTensorMap): Promise<Record<string, HostTensor>> {
  const entries = Object.entries(tensors).map(async ([name, tensor]) => {
    const values = await tensor.data();
    const { shape, dtype } = tensor;
    tensor.dispose();
    if (values instanceof Float32Array) return [name, { shape, values }] as const;
    if (values instanceof Int32Array) return [name, { shape, values }] as const;
    if (values instanceof Uint8Array)
      return [name, { shape, values: Int32Array.from(values) }] as const;
    throw new TypeError(`Cannot predict "${name}": expected numbers, got dtype ${dtype}`);
  });
  return Object.fromEntries(await Promise.all(entries));
}
