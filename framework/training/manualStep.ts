import * as tf from "@tensorflow/tfjs";

import type { Compile } from "../base/compile.ts";
import { toTensors, type HostBatch } from "../base/hostTensor.ts";
import { globalNorm } from "../optim/clipping.ts";
import {
  checkOutput,
  lossesInput,
  lossScaleInput,
  splitInputs,
  updateInputs,
  type BatchStep,
  type Update,
} from "./batchStep.ts";
import type { FitState } from "./fitState.ts";
import { callInputs, cutAtUnknown, splitCalls, untilCut, type GradientsOf } from "./manualCuts.ts";
import type { OptimizerSlot } from "./optimizerSlot.ts";
import { checkScalars, takeScalars } from "./scalars.ts";
import { splitGradients, takeFlat } from "./sharedGradients.ts";
import type { CompiledStep } from "./stepCompiler.ts";
import type { ManualStepContext } from "./stepContext.ts";
import { exchangeStep } from "./stepExchange.ts";
import { gradientsAt, stepOptimizer } from "./stepOptimizer.ts";
import type { ManualTrainingModule } from "./trainingModule.ts";

/** Output of the last part: the norm of the gradients that optimizers stepped by. */
const normOutput = "steppedNorm";

/** How far apart the norms that workers step by may be: their processors may round differently. */
const normTolerance = 1e-3;

/** @param more inputs beside those of the batch, or in their place */
type CompiledPart = (more?: tf.NamedTensorMap) => Promise<tf.NamedTensorMap>;

/**
 * Steps of a module that steps its optimizers itself: one compiled function for all of them.
 *
 * Where several workers train together there are several: the function is run in parts, between
 * which they add up their gradients.
 */
export class ManualStep implements BatchStep {
  readonly #state: FitState;
  readonly #module: ManualTrainingModule;
  readonly #slots: readonly OptimizerSlot[];
  readonly #compile: Compile;
  readonly #parts: CompiledStep[] = [];
  #stepsPerUpdate: number;

  constructor(
    state: FitState,
    module: ManualTrainingModule,
    slots: readonly OptimizerSlot[],
    compile: Compile,
  ) {
    this.#state = state;
    this.#module = module;
    this.#slots = slots;
    this.#stepsPerUpdate = slots.length;
    this.#compile = compile;
  }

  get stepsPerUpdate(): number {
    return this.#stepsPerUpdate;
  }

  async run(batch: HostBatch, update: Update | undefined): Promise<Record<string, number>> {
    const { lossScaling, worldSize, step: before } = this.#state;
    const numbers: Record<string, number> = {};
    if (lossScaling) numbers[lossScaleInput] = lossScaling.scale;
    if (this.#isTried) numbers[lossesInput] = Number.NaN;
    const inputs = { ...toTensors(batch), ...updateInputs(update?.hyperparameters ?? [], numbers) };
    try {
      const given =
        worldSize > 1 ? await this.#runTogether(inputs) : takeScalars(await this.#part(0)(inputs));
      const { [checkOutput]: check, ...outputs } = given;
      lossScaling?.update({ finite: Number.isFinite(check), before, steps: this.stepsPerUpdate });
      return outputs;
    } finally {
      tf.dispose(inputs);
    }
  }

  /**
   * Whether the last part is run twice: so that it changes nothing, for all workers to learn whether
   * their losses are finite, and then, if they are, so that it does.
   */
  get #isTried(): boolean {
    return this.#state.worldSize > 1 && this.#state.settings.onNonFinite === "skip";
  }

  clear(): void {}

  dispose(): void {
    for (const part of this.#parts) part.dispose();
  }

  async #runTogether(inputs: tf.NamedTensorMap): Promise<Record<string, number>> {
    const { settings, progress, updateWatch } = this.#state;
    const place = `batch ${progress.microBatch + 1}`;
    const sums: tf.NamedTensorMap = {};
    try {
      for (let call = 0; ; call++) {
        updateWatch.run();
        const run: CompiledPart = (more) => this.#part(call)({ ...inputs, ...sums, ...more });
        const { gradients, others } = splitGradients(await run());
        if (gradients.size === 0) return await this.#finishTogether(others, run);
        updateWatch.record(); // a part that was cut has changed nothing
        const { loss } = takeScalars(others);
        const { flat, parts } = await takeFlat(gradients);
        await settings.world.sum(`gradients ${call + 1} of ${place}`, [flat]);
        Object.assign(sums, callInputs(call, loss!, parts));
      }
    } finally {
      tf.dispose(sums);
    }
  }

  /**
   * @param tensors what the last part gave
   * @param run runs it again
   */
  async #finishTogether(
    tensors: tf.NamedTensorMap,
    run: CompiledPart,
  ): Promise<Record<string, number>> {
    const own = takeScalars(tensors);
    if (this.#isTried) this.#markUnchanged();
    const { [normOutput]: mean = Number.NaN, ...all } = await exchangeStep(this.#state, own, []);
    const norm = own[normOutput]!;
    if (Math.abs(norm - mean) > normTolerance * mean) {
      throw new RangeError(
        `Cannot train together: manualTrainingStep() stepped by gradients of norm ${norm} here, ${mean} on the average of the workers; take them with minimize() or gradients(), which give means over the workers`,
      );
    }
    if (!this.#isTried) return { ...all, [checkOutput]: norm };
    const { loss = 0 } = all;
    const isBroken = !Number.isFinite(loss) || !Number.isFinite(norm);
    return { ...all, [checkOutput]: isBroken ? Number.NaN : await this.#runForGood(run) };
  }

  /** @returns what is finite if variables have changed */
  async #runForGood(run: CompiledPart): Promise<number> {
    const known = updateInputs([], { [lossesInput]: 0 });
    try {
      this.#state.updateWatch.run();
      return takeScalars(await run(known))[checkOutput]!;
    } finally {
      tf.dispose(known);
    }
  }

  /** Weights are still those of the last finished step. */
  #markUnchanged(): void {
    const { updateWatch } = this.#state;
    updateWatch.run();
    updateWatch.record();
  }

  #part(index: number): CompiledStep {
    const state = this.#state;
    return (this.#parts[index] ??= this.#compile(
      (inputs: tf.NamedTensorMap) =>
        state.recordStep(() =>
          state.worldSize > 1 ? this.#recordPart(inputs) : this.#record(inputs),
        ),
      state.lossScaling ? { assignsIfFinite: checkOutput } : {},
    ));
  }

  /** @returns what the step gives, or loss and gradients of the call that is not known yet */
  #recordPart(inputs: tf.NamedTensorMap): tf.NamedTensorMap {
    const { calls, others } = splitCalls(inputs);
    const cut = (gradientsOf: GradientsOf): GradientsOf =>
      cutAtUnknown(calls, this.#state.worldSize, gradientsOf);
    return untilCut(() => this.#record(others, cut), { [checkOutput]: 1 });
  }

  #record(
    inputs: tf.NamedTensorMap,
    cut: (gradientsOf: GradientsOf) => GradientsOf = (gradientsOf) => gradientsOf,
  ): tf.NamedTensorMap {
    const { batch, hyperparameters, other } = splitInputs(inputs);
    const lossScale = other(lossScaleInput);
    const gradients = cut(gradientsAt(lossScale));
    const stepped = new Set<OptimizerSlot>();
    const used = new Map<string, tf.Tensor>();
    const optimizers = this.#slots.map((slot, i) =>
      stepOptimizer(slot, gradients, (given) => {
        if (stepped.has(slot)) {
          throw new RangeError(`Cannot step optimizer "${slot.name}" twice in one batch`);
        }
        stepped.add(slot);
        for (const [name, gradient] of given) used.set(`${slot.name}/${name}`, gradient);
        slot.apply(given, hyperparameters(i));
      }),
    );
    const context: ManualStepContext = { ...this.#state.stepContext(0), optimizers, gradients };
    const outputs = this.#module.manualTrainingStep(batch, context);
    checkScalars("manualTrainingStep()", outputs);
    if (stepped.size === 0) {
      throw new RangeError("Cannot train: manualTrainingStep() stepped no optimizer");
    }
    this.#stepsPerUpdate = stepped.size;
    const { worldSize, settings } = this.#state;
    if (lossScale === undefined && worldSize === 1) return outputs;
    const norm = globalNorm(used.values());
    const { loss } = outputs;
    const ofLoss = settings.onNonFinite === "stop" ? undefined : loss?.mul(0);
    const losses = [ofLoss, other(lossesInput)].filter((each) => each !== undefined); // NaN if not finite
    const check = losses.reduce((sum, each) => sum.add(each), norm.clone());
    return { ...outputs, ...(worldSize > 1 && { [normOutput]: norm }), [checkOutput]: check };
  }
}
