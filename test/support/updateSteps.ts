import type { Compile } from "../../framework/base/compile.ts";
import type { HostBatch } from "../../framework/base/hostTensor.ts";
import { AutomaticStep } from "../../framework/training/automaticStep.ts";
import { FitState } from "../../framework/training/fitState.ts";
import { configureSlots } from "../../framework/training/optimizerSlot.ts";
import { resolveTrainerOptions } from "../../framework/training/trainerOptions.ts";
import type { TrainingModule } from "../../framework/training/trainingModule.ts";

export interface UpdateSteps {
  /** Takes a step and gives its outputs. The learning rate is the optimizer's, if none is given. */
  run(batch: HostBatch, learningRate?: number): Promise<Record<string, number>>;
  dispose(): void;
}

/** The Trainer's own step without its loop: updates on batches given one by one. */
export function updateSteps(
  module: TrainingModule,
  { compile, gradientClipVal }: { compile: Compile; gradientClipVal: number },
): UpdateSteps {
  const settings = resolveTrainerOptions({ maxEpochs: -1, compile, gradientClipVal });
  const state = new FitState("fit", module, settings);
  const [slot] = configureSlots(state);
  const step = new AutomaticStep(state, module, slot!, compile);
  let updates = 0;
  return {
    run: (batch, learningRate = slot!.learningRate) =>
      step.run(batch, {
        hyperparameters: [slot!.optimizer.hyperparameters(++updates, learningRate)],
        batches: 1,
      }),
    dispose: () => step.dispose(),
  };
}
