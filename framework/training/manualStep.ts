import * as tf from "@tensorflow/tfjs";

import type { Compile, CompiledFunction } from "../base/compile.ts";
import { toTensors, type HostBatch } from "../base/hostTensor.ts";
import { splitInputs, updateInputs, type BatchStep, type Update } from "./batchStep.ts";
import type { FitState } from "./fitState.ts";
import { lossGradients } from "./gradients.ts";
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
    this.#step = compile((inputs: tf.NamedTensorMap) =>
      state.recordStep(() => this.#record(inputs)),
    );
  }

  get stepsPerUpdate(): number {
    return this.#stepsPerUpdate;
  }

  async run(batch: HostBatch, update: Update | undefined): Promise<Record<string, number>> {
    const inputs = { ...toTensors(batch), ...updateInputs(update?.hyperparameters ?? []) };
    try {
      return await takeScalars(await this.#step(inputs));
    } finally {
      tf.dispose(inputs);
    }
  }

  clear(): void {}

  dispose(): void {
    this.#step.dispose();
  }

  #record(inputs: tf.NamedTensorMap): tf.NamedTensorMap {
    const { batch, hyperparameters } = splitInputs(inputs);
    const stepped = new Set<OptimizerSlot>();
    const optimizers = this.#slots.map((slot, i) =>
      stepOptimizer(slot, (gradients) => {
        if (stepped.has(slot)) {
          throw new RangeError(`Cannot step optimizer "${slot.name}" twice in one batch`);
        }
        stepped.add(slot);
        slot.apply(gradients, hyperparameters(i));
      }),
    );
    const context: ManualStepContext = { ...this.#state.stepContext(0), optimizers, gradients };
    const outputs = this.#module.manualTrainingStep(batch, context);
    checkScalars("manualTrainingStep()", outputs);
    if (stepped.size === 0) {
      throw new RangeError("Cannot train: manualTrainingStep() stepped no optimizer");
    }
    this.#stepsPerUpdate = stepped.size;
    return outputs;
  }
}

const gradients: ManualStepContext["gradients"] = (loss, parameters) => {
  const result = lossGradients(() => ({ loss: loss() }), parameters);
  return { loss: result.outputs.loss, gradients: result.gradients };
};

function stepOptimizer(
  { name, parameters }: OptimizerSlot,
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
