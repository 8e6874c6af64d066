import type { StartPicture } from "./startPicture.ts";

export interface GenerateRequest {
  /** One image each. */
  prompts: readonly string[];
  /** One seed for each image: prompt and seed alone decide its start noise. */
  seeds: readonly number[];
  /** Sampler steps. */
  steps?: number;
  /** 1 is no guidance. */
  guidanceScale?: number;
  /** How far guided predictions go back to the deviation of those for the prompt, in [0, 1]. */
  guidanceRescale?: number;
  /** Fresh noise of DDIM's steps: 0 is none, 1 that of ancestral sampling. Default: 0. */
  eta?: number;
  negativePrompt?: string;
  /**
   * Begin with this picture; every image does. Inpainting checkpoints need one with a mask.
   * Default: pure noise.
   */
  picture?: StartPicture | undefined;
  /** The most images that are computed together. */
  batchSize?: number;
  /** Pixels. Default: the picture's, or what the UNet was trained for. */
  height?: number;
  width?: number;
  signal?: AbortSignal;
  /** Called after every sampler step with the share done, in (0, 1]. */
  onProgress?: (share: number) => void;
}
