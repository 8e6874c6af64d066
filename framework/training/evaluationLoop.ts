import * as tf from "@tensorflow/tfjs";

import { toTensors, type HostBatch, type HostTensor } from "../base/hostTensor.ts";
import { hasBatch, type DataLoader } from "../data/dataLoader.ts";
import { BatchPrefetcher, makeBatch, samplesIn } from "./batchPrefetcher.ts";
import type { FitState } from "./fitState.ts";
import type { EvaluationName, HookBatch } from "./hooks.ts";
import { InterruptedError } from "./interruptedError.ts";
import { resolveLogOptions } from "./logOptions.ts";
import { checkScalars, takeScalars } from "./scalars.ts";
import type { CompiledStep } from "./stepCompiler.ts";
import type { StepContext } from "./stepContext.ts";
import { ValueLog, type PackedValues } from "./valueLog.ts";

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

/** What a worker tells the others at the end. */
interface Shared {
  readonly signalled: boolean;
  readonly log: PackedValues;
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
  readonly #steps: readonly CompiledStep[];

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
    const { first, stride } = this.#share();
    const own = limits.map((limit) => Math.ceil((limit - first) / stride));
    state.evaluationBatches = own.reduce((sum, batches) => sum + Math.max(0, batches), 0);
    const outer = { valueLog: state.valueLog, logScope: state.logScope };
    const log = new ValueLog(state.metricLog);
    Object.assign(state, { valueLog: log, logScope: "evaluation" });
    try {
      await this.#hook("EpochStart");
      for (const [index, limit] of limits.entries()) await this.#runLoader(index, limit, log);
      await this.#hook("EpochEnd");
      await this.#join(log);
      if (state.stage === "sanity") return [];
      return this.#byLoader(log.finishEpoch());
    } finally {
      Object.assign(state, outer);
    }
  }

  /** Each worker has evaluated its share: makes the values those of all. */
  async #join(log: ValueLog): Promise<void> {
    const state = this.#state;
    const { settings, signalled, stage, step } = state;
    if (!this.#isShared()) return;
    const own: Shared = { signalled, log: log.pack() };
    const place = `the end of stage ${stage} at step ${step}`;
    const texts = await settings.world.gather(place, JSON.stringify(own));
    const all = texts.map((text): Shared => JSON.parse(text));
    if (all.some((each) => each.signalled)) state.abortAgreed = true;
    if (state.aborted) throw new InterruptedError(step);
    log.join(all.map((each) => each.log));
  }

  /** Predictions are not: whoever asks for them wants them all. */
  #isShared(): boolean {
    return this.#state.worldSize > 1 && this.#kind !== prediction;
  }

  /** Which batches are this worker's. */
  #share(): { first: number; stride: number } {
    const { globalRank, worldSize } = this.#state;
    return this.#isShared() ? { first: globalRank, stride: worldSize } : { first: 0, stride: 1 };
  }

  async #runLoader(loaderIndex: number, limit: number, log: ValueLog): Promise<void> {
    const state = this.#state;
    const { module, settings } = state;
    const { loader } = this.#loaders[loaderIndex]!;
    const prefetcher = new BatchPrefetcher((position) =>
      makeBatch({ module, loader, loaderIndex, seed: settings.seed }, this.#kind.stage, position),
    );
    const has = async (index: number): Promise<boolean> =>
      index < limit && (await hasBatch(loader, 0, index));
    const { first, stride } = this.#share();
    try {
      for (let index = first; await has(index); index += stride) {
        if (state.signalled && this.#isShared()) return; // the others hear of it at the end
        if (state.signalled) throw new InterruptedError(state.step);
        state.batchIndex = (index - first) / stride;
        const batch = await prefetcher.take(positionOf(index));
        const next = index + stride;
        await this.#batch(batch, loaderIndex, log, () => {
          if (!loader.has && next < limit) prefetcher.start(positionOf(next));
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
    const { outputs, logged } = recordedLogs.split(takeScalars(tensors));
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
