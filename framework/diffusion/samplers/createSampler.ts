import * as tf from "@tensorflow/tfjs";

import type { CompiledFunction } from "../../base/compile.ts";
import type { SchedulerConfig } from "../schedulerConfig.ts";
import { isStochastic, planSampling } from "./planSampling.ts";
import type { SampleRequest, Sampler, SamplerOptions } from "./sampler.ts";
import type { SamplerPlan } from "./samplerPlan.ts";
import { checkRequest } from "./samplerRequest.ts";
import { samplerStep, type StepInputs, type StepOutputs } from "./samplerStep.ts";
import { callInputs, runInputs, resultOf, startState, type SamplerRun } from "./stepInputs.ts";

/** The sampler that a config names, for one network. */
export function createSampler({ compile, predict, config }: SamplerOptions): Sampler {
  const step = compile((inputs: StepInputs) => samplerStep(predict, config, inputs));
  return {
    async sample(request) {
      checkRequest(request);
      return await runThrough(step, { config, request, plan: planOf(config, request) });
    },
    dispose() {
      step.dispose();
    },
  };
}

function planOf(
  config: SchedulerConfig,
  { steps, eta = 0, image, stepNoise }: SampleRequest,
): SamplerPlan {
  const plan = planSampling(config, { steps, eta, skip: image?.skip ?? 0 });
  if (isStochastic(plan) && stepNoise === undefined) {
    const asking = eta > 0 ? `eta ${eta}` : config._class_name;
    throw new RangeError(`Cannot sample: ${asking} needs stepNoise`);
  }
  return plan;
}

async function runThrough(
  step: CompiledFunction<StepInputs, StepOutputs>,
  run: SamplerRun,
): Promise<tf.Tensor4D> {
  const { request, plan } = run;
  const shared = runInputs(run);
  let state = startState(run);
  try {
    for (const index of plan.calls.keys()) {
      request.signal?.throwIfAborted();
      const own = callInputs(run, index);
      const previous = state;
      try {
        const made = await step({ state: previous, ...contexts(request), ...shared, ...own });
        made.sample.dispose();
        ({ state } = made);
      } finally {
        tf.dispose(own);
      }
      previous.dispose();
      tellProgress(run, index);
    }
    return resultOf(state);
  } finally {
    state.dispose();
    tf.dispose(shared);
  }
}

/** The contexts that the network needs for a request; they belong to the caller. */
function contexts({
  conditional,
  unconditional,
  guidanceScale = 1,
}: SampleRequest): Pick<StepInputs, "conditional" | "unconditional"> {
  const guided = guidanceScale !== 1 && unconditional !== undefined;
  return guided ? { conditional, unconditional } : { conditional };
}

/** Tells of a step after the last of its calls. */
function tellProgress(
  { request: { steps, image, onStep }, plan: { calls } }: SamplerRun,
  index: number,
): void {
  const { step, timestep } = calls[index]!;
  if (calls[index + 1]?.step === step) return;
  const skip = image?.skip ?? 0;
  onStep?.({ done: step + 1 - skip, steps: steps - skip, timestep });
}
