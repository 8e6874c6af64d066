import * as tf from "@tensorflow/tfjs";

import type { CompiledFunction } from "../base/compile.ts";
import { toTensors } from "../base/hostTensor.ts";
import type { DataLoader } from "../data/dataLoader.ts";
import { BatchPrefetcher, makeBatch, samplesIn } from "./batchPrefetcher.ts";
import { runHook, type Hook } from "./callback.ts";
import type { FitState } from "./fitState.ts";
import { InterruptedError } from "./interruptedError.ts";
import { takeScalars } from "./scalars.ts";
import { WeightedMeans } from "./weightedMeans.ts";

/**
 * Walks the validation batches. A batch's random numbers depend on its place in the loader alone,
 * so every validation of a fit sees the same noise.
 */
export class ValidationLoop {
  readonly #state: FitState;
  readonly #loader: DataLoader;
  readonly #batches: number;
  readonly #step: CompiledFunction<tf.NamedTensorMap, tf.NamedTensorMap>;

  /** @param batches how many batches of the loader to use */
  constructor(state: FitState, loader: DataLoader, batches: number) {
    this.#state = state;
    this.#loader = loader;
    this.#batches = batches;
    this.#step = state.compile((inputs: tf.NamedTensorMap): tf.NamedTensorMap => {
      return state.module.validationStep?.(inputs) ?? {};
    });
  }

  get batches(): number {
    return this.#batches;
  }

  /** Validates with all hooks; the means become metrics and are logged. */
  async validate(): Promise<Record<string, number>> {
    const state = this.#state;
    const { stage, batchIndex } = state;
    state.stage = "validate";
    const means = await this.#run(this.#batches);
    state.progress.validatedAt = state.step;
    state.metricLog.add(means);
    await state.metricLog.emit();
    await this.#hook("onValidationEnd");
    await state.metricLog.emit();
    Object.assign(state, { stage, batchIndex });
    return means;
  }

  /** Tries a few batches before training; nothing is logged or remembered. */
  async sanityCheck(batches: number): Promise<void> {
    this.#state.stage = "sanity";
    await this.#hook("onSanityCheckStart");
    await this.#run(batches < 0 ? this.#batches : Math.min(batches, this.#batches));
    await this.#hook("onValidationEnd");
    await this.#hook("onSanityCheckEnd");
    this.#state.stage = "idle";
    this.#state.batchIndex = 0;
  }

  dispose(): void {
    this.#step.dispose();
  }

  async #run(batches: number): Promise<Record<string, number>> {
    this.#state.validationBatches = batches;
    await this.#hook("onValidationStart");
    await this.#hook("onValidationEpochStart");
    const means = new WeightedMeans();
    const { module, settings } = this.#state;
    const prefetcher = new BatchPrefetcher((position) =>
      makeBatch(module, this.#loader, settings.seed, "validate", position),
    );
    try {
      for (let index = 0; index < batches; index++) {
        if (settings.signal?.aborted) throw new InterruptedError(this.#state.step);
        this.#state.batchIndex = index;
        await this.#batch(index, batches, prefetcher, means);
      }
    } finally {
      await prefetcher.finish();
    }
    await this.#hook("onValidationEpochEnd");
    return means.means();
  }

  async #batch(
    index: number,
    batches: number,
    prefetcher: BatchPrefetcher,
    means: WeightedMeans,
  ): Promise<void> {
    const batch = await prefetcher.take(positionOf(index));
    const samples = samplesIn(batch);
    this.#state.batchSize = samples;
    await this.#hook("onValidationBatchStart");
    const inputs = toTensors(batch);
    try {
      const running = this.#step(inputs);
      if (index + 1 < batches) prefetcher.start(positionOf(index + 1));
      means.add(await takeScalars(await running), samples);
    } finally {
      tf.dispose(inputs);
    }
    await this.#hook("onValidationBatchEnd");
  }

  async #hook(hook: Hook): Promise<void> {
    await runHook(this.#state.settings.callbacks, hook, this.#state);
  }
}

const positionOf = (index: number) => ({ epoch: 0, index, microBatch: index });
