import type * as tf from "@tensorflow/tfjs";

import { countFlops } from "../nn/countFlops.ts";
import { flopsOnBatch, stepFlops, type StepFlops } from "../nn/stepFlops.ts";
import type { FitState } from "./fitState.ts";
import { lossModule, logsNothing } from "./lossModule.ts";
import type { GradientsOf } from "./manualCuts.ts";
import { gradientsAt, stepOptimizer } from "./stepOptimizer.ts";
import type { BaseModule, ManualTrainingModule } from "./trainingModule.ts";

/**
 * Floating-point operations of the module's training step on the fit's first batch. Those of a
 * `manualTrainingStep` are the sums over its losses, its updates aside; what it computes outside of
 * them, or for gradients inside a loss, counts as forward.
 */
export async function trainingFlops(state: FitState): Promise<StepFlops> {
  const batch = await state.exampleBatch();
  const module: BaseModule & Partial<ManualTrainingModule> = state.module;
  const automatic = lossModule(module);
  if (automatic) return stepFlops(automatic, batch, state.compile);
  return flopsOnBatch(batch, state.compile, (inputs) => {
    let backward = 0;
    const gradients = countingBackward((flops) => (backward += flops));
    const optimizers = (state.trialParts?.slots ?? []).map((slot) =>
      stepOptimizer(slot, gradients, () => {}),
    );
    const context = { ...logsNothing, optimizers, gradients };
    const { flops } = countFlops(() => module.manualTrainingStep?.(inputs, context));
    return { forward: flops - backward, backward };
  });
}

/** @param add is told how many more operations gradients took than their loss */
function countingBackward(add: (flops: number) => void): GradientsOf {
  const gradients = gradientsAt();
  return (loss, parameters) => {
    let forward = 0;
    const { result, flops } = countFlops(() =>
      gradients((): tf.Scalar => {
        const counted = countFlops(loss);
        forward += counted.flops;
        return counted.result;
      }, parameters),
    );
    add(flops - forward);
    return result;
  };
}
