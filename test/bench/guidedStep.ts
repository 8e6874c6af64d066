import * as tf from "@tensorflow/tfjs";

import { hostTensor } from "../../framework/base/hostTensor.ts";
import { RandomStream } from "../../framework/base/random.ts";
import { sizeOf } from "../../framework/base/shape.ts";
import { createSampler } from "../../framework/diffusion/samplers/createSampler.ts";
import type { SampleRequest } from "../../framework/diffusion/samplers/sampler.ts";
import { stableDiffusionSchedule } from "../../framework/diffusion/schedulerConfig.ts";
import { Unet } from "../../framework/models/unet.ts";
import { contextShape, latentShape, unetConfig } from "./cases/stableDiffusionConfigs.ts";
import { takeMeanSquare } from "./takeMeanSquare.ts";
import type { PrepareOptions, PreparedWorkload } from "./workload.ts";

const guidanceScale = 7.5;

/**
 * A step of Stable Diffusion's sampler for one picture.
 *
 * @param batched whether both predictions come from one pass; otherwise the step is done twice,
 *   each time for one context
 */
export function guidedStep(
  { batched }: { batched: boolean },
  { compile, blank = false }: PrepareOptions,
): PreparedWorkload {
  const unet = new Unet(unetConfig, { seed: blank ? null : 1 });
  const sampler = createSampler({
    compile,
    predict: (latents, timesteps, context) => unet.forward(latents, timesteps, context),
    config: stableDiffusionSchedule,
  });
  const random = new RandomStream(1, "inputs");
  const shape = [1, ...latentShape];
  const latents = hostTensor(random.normals(sizeOf(shape)), shape);
  const context = (): tf.Tensor3D =>
    tf.tensor3d(random.normals(sizeOf(contextShape)), [1, ...contextShape]);
  const [conditional, unconditional] = [context(), context()];
  const sample = async (
    request: Pick<SampleRequest, "conditional" | "unconditional" | "guidanceScale">,
  ): Promise<number> => takeMeanSquare(await sampler.sample({ latents, steps: 1, ...request }));
  return {
    run: batched
      ? () => sample({ conditional, unconditional, guidanceScale })
      : async () =>
          (await sample({ conditional })) + (await sample({ conditional: unconditional })),
    repeats: 1,
    dispose() {
      sampler.dispose();
      tf.dispose([conditional, unconditional]);
    },
  };
}
