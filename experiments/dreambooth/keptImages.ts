import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import {
  encodePng,
  tensorToImages,
  writeFileAtomic,
  type GenerateRequest,
  type TextToImage,
} from "seedbed";

import { isPlain } from "./literalPrompts.ts";

export interface KeptImagesOptions {
  generator: Pick<TextToImage, "generate">;
  /** Content hash of the model that draws, so that another model's images are not reused. */
  modelHash: string;
  /** The settings of the model's noise schedule, and the sampler that draws by it. */
  scheduler: object;
  /** Side of the images, in pixels. */
  size: number;
  prompt: string;
  count: number;
  /** Image i has seed `seed + i`. */
  seed: number;
  steps: number;
  guidanceScale: number;
  eta: number;
  batchSize: number;
  /** Where images of all runs are kept. */
  cacheFolder: string;
  signal: AbortSignal;
  onProgress: (made: number, wanted: number) => void;
}

/** Changes when images are drawn otherwise from the same settings. */
const formatVersion = 2;

/**
 * Files of `count` images of a prompt, made by the model as it is now. Prompt, sampler settings,
 * size, model and seed name an image, so what exists already is not made again: an interrupted
 * generation goes on where it stopped, and a second run makes nothing.
 */
export async function keptImages(options: KeptImagesOptions): Promise<string[]> {
  const { generator, prompt, count, seed, batchSize, onProgress, signal } = options;
  const { steps, guidanceScale, eta, size } = options;
  const files = imageFiles(options);
  mkdirSync(path.dirname(files[0]!), { recursive: true });
  const missing = files.flatMap((file, i) => (existsSync(file) ? [] : [i]));
  for (let start = 0; start < missing.length; start += batchSize) {
    const wanted = missing.slice(start, start + batchSize);
    const request: GenerateRequest = {
      prompts: filled(wanted, batchSize).map(() => prompt),
      seeds: filled(wanted, batchSize).map((i) => seed + i),
      steps,
      guidanceScale,
      eta,
      batchSize,
      width: size,
      height: size,
      signal,
    };
    const images = tensorToImages(await generator.generate(request));
    for (const [j, i] of wanted.entries()) {
      writeFileAtomic(files[i]!, await encodePng(images[j]!));
    }
    onProgress(count - missing.length + start + wanted.length, count);
  }
  return files;
}

/** What decides images, and where they are kept. */
export type ImageSettings = Omit<
  KeptImagesOptions,
  "generator" | "batchSize" | "signal" | "onProgress"
>;

/** Where images are once they are made. */
export function imageFiles(settings: ImageSettings): string[] {
  const { cacheFolder, count, seed } = settings;
  const folder = path.join(cacheFolder, keyOf(settings));
  return imageNames(count, seed).map((name) => path.join(folder, name));
}

/** What image files are called in their folder. */
export function imageNames(count: number, seed: number): string[] {
  return Array.from({ length: count }, (_, i) => `${seed + i}.png`);
}

/** A short batch repeats its last image, so that every batch has the shape that was recorded. */
function filled(indices: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, i) => indices[Math.min(i, indices.length - 1)]!);
}

/** Settings that decide a pixel, as a folder name; the seed is the file's. */
function keyOf(options: ImageSettings): string {
  const { modelHash, scheduler, size, prompt, steps, guidanceScale, eta } = options;
  const sampler = { scheduler, steps, guidanceScale, eta };
  const text = isPlain(prompt) ? { prompt } : { prompt, literal: true }; // not those kept when brackets were weights
  const settings = { formatVersion, modelHash, size, ...text, sampler, backend: tf.getBackend() };
  const hash = createHash("sha256").update(JSON.stringify(settings)).digest("hex").slice(0, 16);
  const words = prompt.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return `${words.slice(0, 40)}-${hash}`;
}

/** Copies images into the run's folder, so that the run shows what it was trained with. */
export function copyImages(files: readonly string[], folder: string): void {
  for (const file of files) {
    writeFileAtomic(path.join(folder, path.basename(file)), readFileSync(file));
  }
}
