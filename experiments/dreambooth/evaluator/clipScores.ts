import {
  clipPreprocessing,
  fetchModel,
  InputError,
  loadClip,
  type Clip,
  type Compile,
  type HostTensor,
  type RgbImage,
} from "seedbed";

import { hasWord, withoutWords } from "../words.ts";
import { mean } from "./features.ts";

/** Compares samples with the subject's pictures and with their prompts, as papers do. */
export interface ClipScores {
  /** CLIP-I: mean cosine of samples and the subject's pictures. */
  imageSimilarity(samples: readonly RgbImage[]): Promise<number>;
  /** CLIP-T: mean cosine of samples and their prompts. */
  textSimilarity(samples: readonly RgbImage[], prompts: readonly string[]): Promise<number>;
  /** Frees the models. */
  dispose(): void;
}

/**
 * CLIP's two scores of DreamBooth's paper (Ruiz et al. 2022, arXiv:2208.12242, section 4.1).
 *
 * @param pictures the subject's
 */
export async function clipScores(clip: Clip, pictures: readonly RgbImage[]): Promise<ClipScores> {
  const prepare = clipPreprocessing(clip.preprocessorConfig, clip.imageSize);
  const features = (images: readonly RgbImage[]): Promise<Float32Array[]> =>
    clip.imageFeatures(images.map((image): HostTensor => prepare(image)));
  const subject = await features(pictures);
  return {
    async imageSimilarity(samples) {
      const own = await features(samples);
      return mean(own.flatMap((sample) => subject.map((picture) => cosine(sample, picture))));
    },
    async textSimilarity(samples, prompts) {
      const distinct = [...new Set(prompts)];
      const texts = await clip.textFeatures(distinct);
      const own = await features(samples);
      return mean(own.map((sample, i) => cosine(sample, texts[distinct.indexOf(prompts[i]!)]!)));
    },
    dispose: () => clip.dispose(),
  };
}

/** A sample and the prompt it was drawn for. */
export interface PromptedImage {
  readonly prompt: string;
  readonly image: RgbImage;
}

/**
 * CLIP-I of the samples whose prompt names the subject, and CLIP-T of all. CLIP reads prompts
 * without the subject's token, which means something else to it, or nothing ("sks" is a rifle).
 * Without a prompt that names the subject there is no CLIP-I.
 *
 * @param tokens words that name the subject
 */
export async function clipMetrics(
  clip: ClipScores,
  samples: readonly PromptedImage[],
  tokens: readonly string[],
): Promise<{ clipI?: number; clipT: number }> {
  const prompts = samples.map(({ prompt }) => withoutWords(prompt, tokens));
  const ofSubject = samples.filter(({ prompt }) => tokens.some((token) => hasWord(prompt, token)));
  const images = samples.map(({ image }) => image);
  return {
    ...(ofSubject.length > 0 && {
      clipI: await clip.imageSimilarity(ofSubject.map(({ image }) => image)),
    }),
    clipT: await clip.textSimilarity(images, prompts),
  };
}

/**
 * Opens a user's CLIP, looking at all of its files.
 *
 * @param source a folder, or `hf:owner/name`
 * @throws {InputError} when it is something else, or corrupt
 */
export async function openClip(
  source: string,
  compile: Compile,
  print?: (line: string) => void,
): Promise<Clip> {
  const folder = await fetchModel(source, { kind: "clip", ...(print && { print }) });
  const clip = loadClip(folder, compile);
  try {
    clipPreprocessing(clip.preprocessorConfig, clip.imageSize);
    return clip;
  } catch (cause) {
    clip.dispose();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot use CLIP ${source}: ${reason}`, { cause });
  }
}

/** Of vectors of length 1. */
function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
