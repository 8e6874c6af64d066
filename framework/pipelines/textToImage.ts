import * as tf from "@tensorflow/tfjs";

import type { Compile, CompiledFunction } from "../base/compile.ts";
import { hostTensor, type HostTensor } from "../base/hostTensor.ts";
import { describeShape, sameShape } from "../base/shape.ts";
import { imageNoise } from "../diffusion/imageNoise.ts";
import { createSampler } from "../diffusion/samplers/createSampler.ts";
import { stepsToSkip } from "../diffusion/samplers/planSampling.ts";
import type { Sampler, SampleRequest } from "../diffusion/samplers/sampler.ts";
import type { AutoencoderKl } from "../models/autoencoderKl.ts";
import { decodeTiled } from "../models/tiledAutoencoder.ts";
import type { GenerateRequest } from "./generateRequest.ts";
import { imageBatches, type ImageBatch } from "./imageBatches.ts";
import type { PipelineComponents } from "./pipelineComponents.ts";
import { promptEncoder, type PromptEncoder, type PromptEncoderOptions } from "./promptEncoder.ts";
import { encodePicture, keepPixels, type EncodedPicture } from "./startPicture.ts";

export interface TextToImageOptions extends Pick<PromptEncoderOptions, "clipSkip" | "weighted"> {
  /**
   * Side in pixels of the tiles that larger images are encoded and decoded in, a multiple of the
   * autoencoder's factor. Default: twice what the models were trained for.
   */
  tileSize?: number | undefined;
}

/** One image of a request. */
export interface GeneratedImage {
  /** Position in the request. */
  readonly index: number;
  /** `[3, height, width]` in [-1, 1] */
  readonly image: HostTensor;
}

/** Makes images from prompts with the pipeline's current weights. */
export interface TextToImage {
  /** Images `[count, 3, height, width]` in [-1, 1]. */
  generate(request: GenerateRequest): Promise<HostTensor>;
  /** The same images, each as soon as its batch is done; those of short prompts come first. */
  stream(request: GenerateRequest): AsyncGenerator<GeneratedImage, void>;
  /** Frees what was recorded; the models stay. */
  dispose(): void;
}

/** Side in pixels of the images that a UNet was trained for. */
export function trainedSide(unetConfig: object, factor: number): number {
  const trained = "sample_size" in unetConfig ? unetConfig.sample_size : undefined;
  return (typeof trained === "number" ? trained : 64) * factor;
}

/**
 * A text-to-image generator over models that may be trained meanwhile: each call sees the weights
 * of its moment. Guidance runs conditional and unconditional images in one batched pass.
 */
export function textToImage(
  components: PipelineComponents,
  compile: Compile,
  options: TextToImageOptions = {},
): TextToImage {
  return new ImageGenerator(components, compile, options);
}

/** Default of the request. */
const usualGuidance = 7.5;

class ImageGenerator implements TextToImage {
  readonly #vae: AutoencoderKl;
  /** Side in pixels of the images that the UNet was trained for. */
  readonly #side: number;
  /** Side of a tile in latents. */
  readonly #tileSize: number;
  /** Whether the UNet sees the picture that it paints into. */
  readonly #paints: boolean;
  readonly #encoder: PromptEncoder;
  readonly #decode: CompiledFunction<{ latents: tf.Tensor }, { images: tf.Tensor }>;
  readonly #sampler: Sampler;

  constructor(
    { unet, vae, textEncoder, tokenizer, scheduler }: PipelineComponents,
    compile: Compile,
    { tileSize, ...encoding }: TextToImageOptions,
  ) {
    const { config, factor } = vae.model;
    const encoded = { textEncoder: textEncoder.model, tokenizer, compile };
    this.#vae = vae.model;
    this.#side = trainedSide(unet.config, factor);
    this.#tileSize = (tileSize ?? 2 * Math.max(this.#side, config.sample_size)) / factor;
    this.#paints = unet.model.config.in_channels > config.latent_channels;
    this.#encoder = promptEncoder({ ...encoding, ...encoded });
    this.#decode = compile(({ latents }) => ({
      images: vae.model.decode(vae.model.unscaleLatents(latents)).clipByValue(-1, 1),
    }));
    this.#sampler = createSampler({
      compile,
      predict: (latents, timesteps, context) => unet.model.forward(latents, timesteps, context),
      config: scheduler,
    });
  }

  async generate(request: GenerateRequest): Promise<HostTensor> {
    const [height, width] = this.#sizeOf(request);
    const size = 3 * height * width;
    const all = new Float32Array(request.prompts.length * size);
    for await (const { index, image } of this.stream(request)) all.set(image.values, index * size);
    return hostTensor(all, [request.prompts.length, 3, height, width]);
  }

  async *stream(request: GenerateRequest): AsyncGenerator<GeneratedImage, void> {
    this.#check(request);
    const { onProgress, prompts } = request;
    const encoded = await this.#encode(request);
    const [height, width] = this.#sizeOf(request);
    const size = 3 * height * width;
    let done = 0;
    for (const batch of imageBatches(request, (prompt) => this.#encoder.chunks(prompt))) {
      const { length } = batch.indices;
      const before = done;
      const values = await this.#imagesOf(batch, request, encoded, (share) =>
        onProgress?.((before + share * length) / prompts.length),
      );
      done += length;
      for (const [i, index] of batch.indices.entries()) {
        const image = hostTensor(values.subarray(i * size, (i + 1) * size), [3, height, width]);
        yield { index, image };
      }
    }
  }

  dispose(): void {
    this.#encoder.dispose();
    this.#decode.dispose();
    this.#sampler.dispose();
  }

  async #imagesOf(
    { prompts, seeds }: ImageBatch,
    request: GenerateRequest,
    encoded: EncodedPicture | undefined,
    onStep: (share: number) => void,
  ): Promise<Float32Array> {
    const { steps = 30, guidanceScale = usualGuidance, guidanceRescale, eta, signal } = request;
    const { factor, config } = this.#vae;
    const shape = [config.latent_channels, ...this.#sizeOf(request).map((side) => side / factor)];
    const contexts = await this.#contextsOf(prompts, request);
    try {
      const latents = await this.#sampler.sample({
        latents: imageNoise(seeds, shape),
        ...contexts,
        ...this.#startOf(request, encoded, { seeds, steps }),
        ...{ steps, guidanceScale },
        ...(guidanceRescale !== undefined && { guidanceRescale }),
        ...(eta !== undefined && { eta }),
        ...(signal && { signal }),
        stepNoise: (step) => imageNoise(seeds, shape, "eta", step),
        onStep: (progress) => onStep(progress.done / progress.steps),
      });
      const images = await this.#decoded(latents);
      if (request.picture) keepPixels(images, request.picture);
      return images;
    } finally {
      tf.dispose(Object.values(contexts));
    }
  }

  /** One row for each prompt, and one for the negative prompt where images are guided. */
  async #contextsOf(
    prompts: readonly string[],
    { guidanceScale = usualGuidance, negativePrompt = "" }: GenerateRequest,
  ): Promise<Pick<SampleRequest, "conditional" | "unconditional">> {
    const guided = guidanceScale !== 1;
    const distinct = [...new Set(prompts)];
    const encoded: tf.Tensor3D[] = [];
    for (const prompt of distinct) {
      encoded.push(await this.#encoder.encode(guided ? [negativePrompt, prompt] : [prompt]));
    }
    const row = (context: tf.Tensor3D, at: number): tf.Tensor3D =>
      context.slice([at, 0, 0], [1, -1, -1]);
    const own = (prompt: string): tf.Tensor3D =>
      row(encoded[distinct.indexOf(prompt)]!, guided ? 1 : 0);
    const contexts = tf.tidy(() => ({
      conditional: tf.concat3d(prompts.map(own), 0),
      ...(guided && { unconditional: row(encoded[0]!, 0) }),
    }));
    tf.dispose(encoded);
    return contexts;
  }

  async #encode({ picture }: GenerateRequest): Promise<EncodedPicture | undefined> {
    if (!picture) return undefined;
    const options = { vae: this.#vae, tileSize: this.#tileSize, withMasked: this.#paints };
    return encodePicture(picture, options);
  }

  /** What a batch begins with beside noise. */
  #startOf(
    { picture }: GenerateRequest,
    encoded: EncodedPicture | undefined,
    { seeds, steps }: { seeds: readonly number[]; steps: number },
  ): Pick<SampleRequest, "image" | "extraChannels"> {
    if (!picture || !encoded) return {};
    const skip = stepsToSkip(steps, picture.strength);
    const image = { latents: encoded.latents(seeds), skip };
    const { mask } = encoded;
    if (!this.#paints) return { image: mask ? { ...image, mask } : image };
    const extraChannels = encoded.maskedChannels(seeds);
    return skip === 0 ? { extraChannels } : { image, extraChannels };
  }

  /** Images from latents, which are disposed of. */
  async #decoded(latents: tf.Tensor4D): Promise<Float32Array> {
    const decode = async (part: tf.Tensor4D): Promise<tf.Tensor> =>
      (await this.#decode({ latents: part })).images;
    const images = await decodeTiled(this.#vae, latents, { tileSize: this.#tileSize }, decode);
    const values = Float32Array.from(await images.data<"float32">());
    tf.dispose([latents, images]);
    return values;
  }

  #sizeOf({ height, width, picture }: GenerateRequest): [height: number, width: number] {
    const [, , ownHeight = this.#side, ownWidth = this.#side] = picture?.pixels.shape ?? [];
    return [height ?? ownHeight, width ?? ownWidth];
  }

  #check(request: GenerateRequest): void {
    const { prompts, seeds, picture } = request;
    if (prompts.length !== seeds.length || prompts.length === 0) {
      throw new RangeError(
        `Cannot generate images: expected one seed for each of at least one prompt, got ${prompts.length} prompts and ${seeds.length} seeds`,
      );
    }
    if (this.#paints && !picture?.mask) {
      throw new RangeError(
        "Cannot generate images: the model paints into pictures; give a picture with a mask",
      );
    }
    const [height, width] = this.#sizeOf(request);
    const { factor } = this.#vae;
    if (![height, width].every((side) => side > 0 && side % factor === 0)) {
      throw new RangeError(
        `Cannot generate images: height and width must be multiples of ${factor}, got ${height} and ${width}`,
      );
    }
    const expected = [1, 3, height, width];
    if (picture && !sameShape(picture.pixels.shape, expected)) {
      throw new RangeError(
        `Cannot generate images: expected a picture ${describeShape(expected)}, got ${describeShape(picture.pixels.shape)}`,
      );
    }
  }
}
