import * as tf from "@tensorflow/tfjs";

import type { Compile, CompiledFunction } from "../base/compile.ts";
import { toTensors, type HostBatch } from "../base/hostTensor.ts";
import { globalNorm } from "../optim/clipping.ts";
import {
  checkOutput,
  lossScaleInput,
  splitInputs,
  updateInputs,
  type BatchStep,
  type Update,
} from "./batchStep.ts";
import type { FitState } from "./fitState.ts";
import { lossGradients, unscaled } from "./gradients.ts";
import type { OptimizerSlot } from "./optimizerSlot.ts";
import { checkScalars, takeScalars } from "./scalars.ts";
import type { ManualStepContext, StepOptimizer } from "./stepContext.ts";
import type { ManualTrainingModule } from "./trainingModule.ts";

/** Steps of a module that steps its optimizers itself: one compiled function for all of them. */
export class ManualStep implements BatchStep {
  readonly #state: FitState;
  readonly #module: ManualTrainingModule;
  readonly #slots: readonly OptimizerSlot[];
  readonly #step: CompiledFunction<tf.NamedTensorMap, tf.NamedTensorMap>;
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
    this.#step = compile(
      (inputs: tf.NamedTensorMap) => state.recordStep(() => this.#record(inputs)),
      state.lossScaling ? { assignsIfFinite: checkOutput } : {},
    );
  }

  get stepsPerUpdate(): number {
    return this.#stepsPerUpdate;
  }

  async run(batch: HostBatch, update: Update | undefined): Promise<Record<string, number>> {
    const { lossScaling, step: before } = this.#state;
    const numbers = lossScaling ? { [lossScaleInput]: lossScaling.scale } : {};
    const inputs = { ...toTensors(batch), ...updateInputs(update?.hyperparameters ?? [], numbers) };
    try {
      const { [checkOutput]: check, ...outputs } = await takeScalars(await this.#step(inputs));
      lossScaling?.update({ finite: Number.isFinite(check), before, steps: this.stepsPerUpdate });
      return outputs;
    } finally {
      tf.dispose(inputs);
    }
  }

  clear(): void {}

  dispose(): void {
    this.#step.dispose();
  }

  #record(inputs: tf.NamedTensorMap): tf.NamedTensorMap {
    const { batch, hyperparameters, other } = splitInputs(inputs);
    const lossScale = other(lossScaleInput);
    const gradients = gradientsAt(lossScale);
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
    return lossScale ? { ...outputs, [checkOutput]: globalNorm(used.values()) } : outputs;
  }
}

/** Gradients of a loss, by way of those of the loss times `lossScale`, if there is one. */
function gradientsAt(lossScale: tf.Scalar | undefined): ManualStepContext["gradients"] {
  return (loss, parameters) => {
    const { outputs, gradients } = lossGradients(
      () => ({ loss: loss() }),
      parameters,
      (value) => (lossScale ? value.mul<tf.Scalar>(lossScale) : value),
    );
    return { loss: outputs.loss, gradients: unscaled(gradients, lossScale) };
  };
}

function stepOptimizer(
  { name, parameters }: OptimizerSlot,
  gradients: ManualStepContext["gradients"],
  step: StepOptimizer["step"],
): StepOptimizer {
  return {
    name,
    parameters,
    step,
    minimize(loss) {
      const result = gradients(loss, parameters);
      step(result.gradients);
      return result.loss;
    },
  };
}
