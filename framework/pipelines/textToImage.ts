import * as tf from "@tensorflow/tfjs";

import type { Compile } from "../base/compile.ts";
import { hostTensor, type HostTensor } from "../base/hostTensor.ts";
import { imageNoise } from "../diffusion/imageNoise.ts";
import { createSampler } from "../diffusion/samplers/createSampler.ts";
import type { PipelineComponents } from "./pipelineComponents.ts";

export interface GenerateRequest {
  /** One image each. */
  prompts: readonly string[];
  /** One seed for each image: prompt and seed alone decide its start noise. */
  seeds: readonly number[];
  /** Sampler steps. */
  steps?: number;
  /** 1 is no guidance. */
  guidanceScale?: number;
  /** Fresh noise of DDIM's steps: 0 is none, 1 that of ancestral sampling. Default: 0. */
  eta?: number;
  negativePrompt?: string;
  /** Images computed together; the last batch is filled up, so that all have one shape. */
  batchSize?: number;
  /** Pixels. Default: what the UNet was trained for. */
  height?: number;
  width?: number;
  signal?: AbortSignal;
  /** Called after every sampler step with the share done, in (0, 1]. */
  onProgress?: (share: number) => void;
}

/** Makes images from prompts with the pipeline's current weights. */
export interface TextToImage {
  /** Images `[count, 3, height, width]` in [-1, 1]. */
  generate(request: GenerateRequest): Promise<HostTensor>;
  /** Frees what was recorded; the models stay. */
  dispose(): void;
}

/**
 * A text-to-image generator over models that may be trained meanwhile: each call sees the weights
 * of its moment. Guidance runs conditional and unconditional images in one batched pass.
 */
export function textToImage(
  { unet, vae, textEncoder, tokenizer, scheduler }: PipelineComponents,
  compile: Compile,
): TextToImage {
  const length = textEncoder.model.config.max_position_embeddings;
  const encodeText = compile(({ ids }: { ids: tf.Tensor }) => ({
    context: textEncoder.model.encode(ids),
  }));
  const decode = compile(({ latents }: { latents: tf.Tensor }) => ({
    images: vae.model.decode(vae.model.unscaleLatents(latents)).clipByValue(-1, 1),
  }));
  const sampler = createSampler({
    compile,
    predict: (latents, timesteps, context) => unet.model.forward(latents, timesteps, context),
    config: scheduler,
  });

  async function contextOf(prompts: readonly string[]): Promise<tf.Tensor3D> {
    const rows = prompts.map((prompt) => tokenizer.encode(prompt, { padTo: length }));
    const ids = tf.tensor(Int32Array.from(rows.flatMap((row) => [...row])), [rows.length, length]);
    try {
      const { context } = await encodeText({ ids });
      return context;
    } finally {
      ids.dispose();
    }
  }

  async function batch(
    prompts: readonly string[],
    seeds: readonly number[],
    request: GenerateRequest,
    onStep: (share: number) => void,
  ): Promise<Float32Array> {
    const { steps = 30, guidanceScale = 7.5, eta = 0, negativePrompt = "", signal } = request;
    const { height, width } = sizeOf(request);
    const { latent_channels } = vae.model.config;
    const shape = [latent_channels, height / vae.model.factor, width / vae.model.factor];
    const conditional = await contextOf(prompts);
    const unconditional = guidanceScale === 1 ? undefined : await contextOf([negativePrompt]);
    try {
      const latents = await sampler.sample({
        latents: imageNoise(seeds, shape),
        conditional,
        ...(unconditional ? { unconditional, guidanceScale } : {}),
        steps,
        eta,
        stepNoise: (step) => imageNoise(seeds, shape, "eta", step),
        ...(signal ? { signal } : {}),
        onStep: ({ done }) => onStep(done / steps),
      });
      const { images } = await decode({ latents });
      const values = await images.data<"float32">();
      tf.dispose([latents, images]);
      return values;
    } finally {
      conditional.dispose();
      unconditional?.dispose();
    }
  }

  function sizeOf({ height, width }: GenerateRequest): { height: number; width: number } {
    const { sample_size: trained } = unet.config;
    const side = (typeof trained === "number" ? trained : 64) * vae.model.factor;
    return { height: height ?? side, width: width ?? side };
  }

  return {
    async generate(request) {
      const { prompts, seeds, batchSize = 16, onProgress } = request;
      if (prompts.length !== seeds.length || prompts.length === 0) {
        throw new RangeError(
          `Cannot generate images: expected one seed for each of at least one prompt, got ${prompts.length} prompts and ${seeds.length} seeds`,
        );
      }
      const size = Math.min(batchSize, prompts.length);
      const { height, width } = sizeOf(request);
      const perImage = 3 * height * width;
      const result = new Float32Array(prompts.length * perImage);
      for (let start = 0; start < prompts.length; start += size) {
        const rows = Array.from({ length: size }, (_, i) =>
          Math.min(start + i, prompts.length - 1),
        );
        const values = await batch(
          rows.map((row) => prompts[row]!),
          rows.map((row) => seeds[row]!),
          request,
          (share) => onProgress?.(Math.min(1, (start + share * size) / prompts.length)),
        );
        const count = Math.min(size, prompts.length - start);
        result.set(values.subarray(0, count * perImage), start * perImage);
      }
      return hostTensor(result, [prompts.length, 3, height, width]);
    },
    dispose() {
      encodeText.dispose();
      decode.dispose();
      sampler.dispose();
    },
  };
}
