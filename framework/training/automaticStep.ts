import * as tf from "@tensorflow/tfjs";

import type { Compile, CompileOptions } from "../base/compile.ts";
import { toTensors, type HostBatch, type HostTensor } from "../base/hostTensor.ts";
import { tensorsOver } from "../base/sharedValues.ts";
import { clipGradients, globalNorm } from "../optim/clipping.ts";
import {
  checkOutput,
  lossesInput,
  lossScaleInput,
  splitInputs,
  updateInputs,
  type BatchStep,
  type Update,
} from "./batchStep.ts";
import { exchangeUpdated } from "./exchangeUpdated.ts";
import type { FitState } from "./fitState.ts";
import { lossGradients, unscaled } from "./gradients.ts";
import type { Gradients } from "./hooks.ts";
import type { OptimizerSlot } from "./optimizerSlot.ts";
import { takeScalars } from "./scalars.ts";
import {
  FlatMemory,
  joinGradients,
  splitGradients,
  takeFlat,
  type FloatTensor,
} from "./sharedGradients.ts";
import { describeStages } from "./stagedGroup.ts";
import type { CompiledStep } from "./stepCompiler.ts";
import { exchangeStep } from "./stepExchange.ts";
import type { TrainingModule } from "./trainingModule.ts";
import { assignVariables, readVariables } from "./variables.ts";

const scaleInput = "gradientScale";

interface StepFunctions {
  readonly stages: string;
  readonly update: CompiledStep;
  readonly accumulate: CompiledStep;
  readonly updateWindow: CompiledStep;
  /** The two halves of an update, between which workers add up their gradients. */
  readonly differentiate: CompiledStep;
  readonly differentiateWindow: CompiledStep;
  readonly apply: CompiledStep;
}

/**
 * Steps whose loss the Trainer minimises. Without accumulation there is one function: forward,
 * gradients, clipping and update. With it there are two: one adds gradients to buffers, the other,
 * for the last batch of a window, also updates and clears the buffers.
 *
 * Where several workers train together an update is two functions: forward and gradients, and, once
 * the gradients were added up over all workers, clipping and update.
 */
export class AutomaticStep implements BatchStep {
  readonly stepsPerUpdate = 1;
  readonly #state: FitState;
  readonly #module: TrainingModule;
  readonly #slot: OptimizerSlot;
  /** Made when first needed. */
  readonly #buffers = new Map<string, tf.Variable>();
  readonly #compile: Compile;
  readonly #flatMemory = new FlatMemory();
  /** Whether a loss of the running window was not finite, on any worker. */
  #isBroken = false;
  /** Other state before that window, where an update that is left out has to give it back. */
  #othersBefore: ReadonlyMap<string, HostTensor> | undefined;
  /** Of the stages that parameters are in now. */
  #functions: StepFunctions | undefined;

  constructor(state: FitState, module: TrainingModule, slot: OptimizerSlot, compile: Compile) {
    this.#state = state;
    this.#module = module;
    this.#slot = slot;
    this.#compile = compile;
  }

  /** @returns the module's outputs, and on an update `gradientNorm` */
  async run(batch: HostBatch, update: Update | undefined): Promise<Record<string, number>> {
    if (this.#accumulates) this.#makeBuffers();
    const isTogether = this.#state.worldSize > 1;
    await this.#keepOthers();
    const inputs = { ...toTensors(batch), ...this.#numbers(isTogether ? undefined : update) };
    try {
      return isTogether
        ? await this.#runTogether(inputs, update)
        : await this.#runAlone(inputs, update);
    } finally {
      tf.dispose(inputs);
    }
  }

  get #accumulates(): boolean {
    return this.#state.accumulateGradBatches > 1;
  }

  /** Whether a loss that is not finite keeps an update from being made. */
  get #skips(): boolean {
    return this.#state.settings.onNonFinite !== "stop";
  }

  async #runAlone(
    inputs: tf.NamedTensorMap,
    update: Update | undefined,
  ): Promise<Record<string, number>> {
    const functions = this.#currentFunctions();
    if (!update) {
      const outputs = takeScalars(await functions.accumulate(inputs));
      this.#look(outputs);
      return outputs;
    }
    const run = this.#accumulates ? functions.updateWindow : functions.update;
    const { [checkOutput]: check, ...outputs } = takeScalars(await run(inputs));
    this.#finishWindow(check);
    return outputs;
  }

  async #runTogether(
    inputs: tf.NamedTensorMap,
    update: Update | undefined,
  ): Promise<Record<string, number>> {
    const functions = this.#currentFunctions();
    const state = this.#state;
    if (!update) {
      const outputs = await exchangeStep(
        state,
        takeScalars(await functions.accumulate(inputs)),
        [],
      );
      this.#look(outputs);
      return outputs;
    }
    if (state.changesOnlyInUpdate) state.updateWatch.record();
    const run = this.#accumulates ? functions.differentiateWindow : functions.differentiate;
    const { gradients, others } = splitGradients(await run(inputs));
    if (!state.changesOnlyInUpdate) state.updateWatch.change();
    const { shares } = this.#slot;
    const inOrder = shares?.inOrder(gradients) ?? gradients;
    const { flat, parts } = await takeFlat(inOrder, this.#flatMemory);
    const outputs = await exchangeStep(state, takeScalars(others), [flat]);
    this.#look(outputs);
    const sums = new Map(Array.from(gradients.keys(), (name) => [name, parts.get(name)!]));
    const applied = await this.#applyTogether(sums, update);
    if (shares) await exchangeUpdated(shares, this.#slot.parameters, parts);
    return { ...outputs, ...applied };
  }

  /** @param sums of the gradients, over all workers */
  async #applyTogether(
    sums: ReadonlyMap<string, FloatTensor>,
    update: Update,
  ): Promise<Record<string, number>> {
    const inputs = { ...tensorsOver(joinGradients(sums)), ...this.#numbers(update) };
    try {
      this.#state.updateWatch.update();
      const given = takeScalars(await this.#currentFunctions().apply(inputs));
      const { [checkOutput]: check, ...outputs } = given;
      this.#finishWindow(check);
      return outputs;
    } finally {
      tf.dispose(inputs);
    }
  }

  /** What a step takes beside the batch. */
  #numbers(update: Update | undefined): tf.NamedTensorMap {
    const { lossScaling, worldSize } = this.#state;
    const numbers: Record<string, number> = {};
    if (lossScaling) numbers[lossScaleInput] = lossScaling.scale;
    if (update && this.#isCut) {
      if (this.#skips) numbers[lossesInput] = this.#isBroken ? Number.NaN : 0;
      numbers[scaleInput] = 1 / (update.batches * worldSize);
    }
    return updateInputs(update?.hyperparameters ?? [], numbers);
  }

  /** Whether an update is of more than the function that makes it computes. */
  get #isCut(): boolean {
    return this.#accumulates || this.#state.worldSize > 1;
  }

  /** What other functions than that of the update change is not given back by it. */
  async #keepOthers(): Promise<void> {
    const others = this.#module.otherState?.();
    if (!others?.size || !this.#isCut || this.#state.settings.onNonFinite !== "skip") return;
    this.#othersBefore ??= await readVariables(others);
  }

  /** @param outputs of one batch, of all workers */
  #look(outputs: Readonly<Record<string, number>>): void {
    this.#isBroken ||= !Number.isFinite(outputs["loss"]);
  }

  /** An update that is not finite has changed nothing, and what led to it is forgotten. */
  #finishWindow(check: number | undefined): void {
    const { lossScaling, step } = this.#state;
    const before = this.#othersBefore;
    this.#othersBefore = undefined;
    this.#isBroken = false;
    if (!lossScaling) return;
    const finite = Number.isFinite(check);
    lossScaling.update({ finite, before: step, steps: this.stepsPerUpdate });
    if (finite) return;
    this.clear();
    if (before) assignVariables("other state", this.#module.otherState!(), before);
  }

  clear(): void {
    this.#isBroken = false;
    this.#othersBefore = undefined;
    tf.tidy(() => {
      for (const buffer of this.#buffers.values()) buffer.assign(tf.zeros(buffer.shape));
    });
  }

  dispose(): void {
    this.#disposeFunctions();
    for (const buffer of this.#buffers.values()) buffer.dispose();
    this.#buffers.clear();
  }

  /** Recorded anew when parameters are frozen or no longer so: gradients differ. */
  #currentFunctions(): StepFunctions {
    const stages = describeStages(this.#state.stagedGroups);
    if (this.#functions?.stages === stages) return this.#functions;
    this.#disposeFunctions();
    const recorded = (
      step: (inputs: tf.NamedTensorMap) => tf.NamedTensorMap,
      options?: CompileOptions,
    ): CompiledStep =>
      this.#compile(
        (inputs: tf.NamedTensorMap) => this.#state.recordStep(() => step(inputs)),
        options,
      );
    const updates = this.#state.lossScaling ? { assignsIfFinite: checkOutput } : {};
    this.#functions = {
      stages,
      update: recorded((inputs) => this.#updateStep(inputs, (gradients) => gradients), updates),
      accumulate: recorded((inputs) => this.#accumulateStep(inputs)),
      updateWindow: recorded(
        (inputs) => this.#updateStep(inputs, (gradients) => this.#takeSums(gradients)),
        updates,
      ),
      differentiate: recorded((inputs) =>
        this.#differentiateStep(inputs, (gradients) => gradients),
      ),
      differentiateWindow: recorded((inputs) =>
        this.#differentiateStep(inputs, (gradients) => this.#takeSums(gradients)),
      ),
      apply: recorded((inputs) => this.#applyStep(inputs), updates),
    };
    return this.#functions;
  }

  #disposeFunctions(): void {
    const { stages: _, ...functions } = this.#functions ?? {};
    for (const compiled of Object.values(functions)) compiled.dispose();
    this.#functions = undefined;
  }

  #makeBuffers(): void {
    if (this.#buffers.size > 0) return;
    for (const [name, { shape }] of this.#slot.parameters) {
      this.#buffers.set(
        name,
        tf.tidy(() => tf.variable(tf.zeros(shape), false)),
      );
    }
  }

  #accumulateStep(inputs: tf.NamedTensorMap): tf.NamedTensorMap {
    const { batch, other } = splitInputs(inputs);
    const { outputs, gradients } = this.#gradients(batch, other(lossScaleInput));
    for (const [name, gradient] of gradients) {
      const buffer = this.#buffers.get(name)!;
      buffer.assign(buffer.add(gradient));
    }
    return outputs;
  }

  #updateStep(
    inputs: tf.NamedTensorMap,
    sum: (gradients: Gradients) => Gradients,
  ): tf.NamedTensorMap {
    const { batch, other } = splitInputs(inputs);
    const { outputs, gradients } = this.#gradients(batch, other(lossScaleInput));
    const updated = this.#update(sum(gradients), inputs);
    const check = updated[checkOutput];
    if (!check || !this.#skips) return { ...outputs, ...updated };
    const ofLast = outputs["loss"]!.mul(0); // NaN where it is not finite
    return { ...outputs, ...updated, [checkOutput]: check.add(ofLast) };
  }

  #differentiateStep(
    inputs: tf.NamedTensorMap,
    sum: (gradients: Gradients) => Gradients,
  ): tf.NamedTensorMap {
    const { batch, other } = splitInputs(inputs);
    const { outputs, gradients } = this.#gradients(batch, other(lossScaleInput));
    return { ...outputs, ...joinGradients(sum(gradients)) };
  }

  #applyStep(inputs: tf.NamedTensorMap): tf.NamedTensorMap {
    return this.#update(splitGradients(splitInputs(inputs).batch).gradients, inputs);
  }

  /**
   * @param given gradients of all that belongs to the update, of the loss times its scale
   * @param inputs have the numbers of the update
   */
  #update(given: Gradients, inputs: tf.NamedTensorMap): tf.NamedTensorMap {
    const { hyperparameters, other } = splitInputs(inputs);
    const lossScale = other(lossScaleInput);
    const sums = unscaled(given, lossScale);
    const norm = lossScale && globalNorm(sums.values()); // before hooks hide it
    const state = this.#state;
    const scale = other(scaleInput);
    state.listeners.recordGradients("onBeforeOptimizerStep", state, sums, scale);
    const { gradientClipVal, gradientClipAlgorithm } = state.settings;
    const clipped =
      this.#module.configureGradientClipping?.(sums, scale, {
        gradientClipVal,
        gradientClipAlgorithm,
      }) ?? clipGradients(sums, scale, gradientClipVal, gradientClipAlgorithm);
    this.#slot.apply(clipped.gradients, hyperparameters(0), clipped.scale);
    const check = norm && { [checkOutput]: other(lossesInput)?.add(norm) ?? norm };
    return { ...check, gradientNorm: clipped.norm };
  }

  /** Buffers plus these gradients; the buffers become zero. */
  #takeSums(gradients: Gradients): Gradients {
    const sums: Gradients = new Map();
    for (const [name, gradient] of gradients) {
      const buffer = this.#buffers.get(name)!;
      sums.set(name, buffer.add(gradient));
      buffer.assign(tf.zeros(buffer.shape));
    }
    return sums;
  }

  /** Gradients of the loss times its scale, if it has one. */
  #gradients(
    batch: tf.NamedTensorMap,
    lossScale: tf.Scalar | undefined,
  ): { outputs: tf.NamedTensorMap; gradients: Gradients } {
    const state = this.#state;
    const { outputs, gradients } = lossGradients(
      () => this.#module.trainingStep(batch, state.stepContext(0)),
      this.#slot.unfrozen,
      (loss) => {
        const minimised = lossScale ? loss.mul<tf.Scalar>(lossScale) : loss;
        state.listeners.recordBackward(state, minimised);
        return minimised;
      },
    );
    state.listeners.recordGradients("onAfterBackward", state, gradients);
    return { outputs, gradients };
  }
}
