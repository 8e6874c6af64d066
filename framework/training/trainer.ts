import type { DataLoader } from "../data/dataLoader.ts";
import { forEachCallback, runHook } from "./callback.ts";
import { Fit, type FitData, type FitResult } from "./fit.ts";
import { FitState } from "./fitState.ts";
import { limitBatches } from "./schedule.ts";
import {
  resolveTrainerOptions,
  type TrainerOptions,
  type TrainerSettings,
} from "./trainerOptions.ts";
import type { TrainingModule } from "./trainingModule.ts";
import { ValidationLoop } from "./validationLoop.ts";

export type { FitData, FitResult } from "./fit.ts";
export type { TrainerOptions } from "./trainerOptions.ts";

/**
 * Owns the training loop and nothing else: data, model, loggers and callbacks arrive from outside,
 * and loggers are not finalized here.
 */
export class Trainer {
  readonly #settings: TrainerSettings;
  #step = 0;
  #epoch = 0;

  /** @throws {RangeError} when an option cannot be used */
  constructor(options: TrainerOptions = {}) {
    this.#settings = resolveTrainerOptions(options);
  }

  /**
   * Trains the module in place, from step 0 or from a checkpoint. Given the same seed, data and
   * options, every step has the same bits, whether or not the fit was interrupted and resumed.
   *
   * @throws {InterruptedError} when the signal was aborted
   */
  async fit(module: TrainingModule, data: FitData): Promise<FitResult> {
    const fit = new Fit(module, data, this.#settings);
    try {
      return await fit.run();
    } finally {
      this.#step = fit.state.step;
      this.#epoch = fit.state.epoch;
    }
  }

  /** Mean metrics over a loader with the module as it is; also logged, at the last fit's step. */
  async validate(module: TrainingModule, loader: DataLoader): Promise<Record<string, number>> {
    if (!module.validationStep) {
      throw new TypeError("Cannot validate: the module has no validationStep");
    }
    const state = new FitState("validate", module, this.#settings);
    Object.assign(state.progress, { step: this.#step, epoch: this.#epoch });
    const { callbacks, limitValBatches } = this.#settings;
    const batches = limitBatches("limitValBatches", limitValBatches, loader.length);
    const loop = new ValidationLoop(state, loader, batches);
    try {
      await runHook(callbacks, "setup", state);
      return batches === 0 ? {} : await loop.validate();
    } catch (error) {
      await forEachCallback(callbacks, "onException", (callback) =>
        callback.onException?.(state, error),
      );
      throw error;
    } finally {
      loop.dispose();
      await runHook(callbacks, "teardown", state);
    }
  }
}
