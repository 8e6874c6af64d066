import type { Compile } from "../../framework/base/compile.ts";
import type { HostBatch } from "../../framework/base/hostTensor.ts";
import { AutomaticStep } from "../../framework/training/automaticStep.ts";
import { FitState } from "../../framework/training/fitState.ts";
import { configureSlots } from "../../framework/training/optimizerSlot.ts";
import { resolveTrainerOptions } from "../../framework/training/trainerOptions.ts";
import type { TrainingModule } from "../../framework/training/trainingModule.ts";

/** The Trainer's own step without its loop: updates on batches given one by one. */
export function updateSteps(
  module: TrainingModule,
  { compile, gradientClipVal }: { compile: Compile; gradientClipVal: number },
): { run(batch: HostBatch): Promise<Record<string, number>>; dispose(): void } {
  const settings = resolveTrainerOptions({ maxEpochs: -1, compile, gradientClipVal });
  const state = new FitState("fit", module, settings);
  const [slot] = configureSlots(state);
  const step = new AutomaticStep(state, module, slot!, compile);
  let updates = 0;
  return {
    run: (batch) =>
      step.run(batch, {
        hyperparameters: [slot!.optimizer.hyperparameters(++updates, slot!.learningRate)],
        batches: 1,
      }),
    dispose: () => step.dispose(),
  };
}
