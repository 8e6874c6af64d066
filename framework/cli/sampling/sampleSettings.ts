import { accessSync, constants, existsSync, statSync } from "node:fs";
import path from "node:path";

import { parseLora, type ScaledLora } from "../../adapters/parseLora.ts";
import { InputError } from "../../base/errors.ts";
import { samplerSettings } from "../../diffusion/samplerNames.ts";
import { readEmbeddingFile, type EmbeddingFile } from "./embeddingFile.ts";
import { readPromptFile } from "./readPromptFile.ts";

/** The options of `seedbed sample` as they were typed. */
export interface SampleArguments {
  readonly model: string;
  readonly prompt: string | undefined;
  readonly prompts: string | undefined;
  readonly negative: string;
  readonly steps: number;
  readonly guidance: number;
  readonly guidanceRescale: number;
  readonly eta: number;
  readonly seed: number;
  readonly count: number;
  readonly batch: number;
  readonly size: string | undefined;
  readonly sampler: string | undefined;
  readonly clipSkip: number;
  readonly initImage: string | undefined;
  readonly strength: number | undefined;
  readonly mask: string | undefined;
  readonly lora: readonly string[];
  readonly embedding: readonly string[];
  readonly tile: number | undefined;
  readonly settings: string | undefined;
  readonly variant: string | undefined;
  readonly backend: "ort" | "webgpu" | "tensorflow" | "cpu";
  readonly out: string;
}

/** The options, as far as they can be checked without the model. */
export interface SampleSettings extends Omit<
  SampleArguments,
  "prompt" | "prompts" | "size" | "lora" | "embedding"
> {
  readonly prompts: readonly string[];
  /** Pixels; undefined: what the model was trained for. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  readonly loras: readonly ScaledLora[];
  readonly embeddings: readonly EmbeddingFile[];
}

const mostPixels = 8192;
/** Seeds are 32-bit. */
const seeds = 2 ** 32;

/**
 * Checks everything about the options that can be, before a model is downloaded or read.
 *
 * @throws {InputError} naming the option
 */
export function readSampleSettings(given: SampleArguments): SampleSettings {
  const { prompt, prompts: promptsFile, size, lora, embedding, ...rest } = given;
  checkNumbers(rest);
  checkPictures(rest);
  if (rest.sampler !== undefined) samplerSettings(rest.sampler);
  const prompts = readPrompts(prompt, promptsFile);
  checkOutput(rest.out, prompts.length * rest.count);
  return {
    ...rest,
    prompts,
    size: size === undefined ? undefined : readSize(size),
    loras: lora.map(readLoraOption),
    embeddings: embedding.map((text) => readEmbeddingFile(text, "Cannot sample: --embedding")),
  };
}

type Numbers = Pick<
  SampleArguments,
  | "steps"
  | "guidance"
  | "guidanceRescale"
  | "eta"
  | "seed"
  | "count"
  | "batch"
  | "clipSkip"
  | "strength"
  | "tile"
>;

function checkNumbers(given: Numbers): void {
  integer("--steps", given.steps, 1, 1_000_000);
  number("--guidance", given.guidance, 0, 1000);
  number("--guidance-rescale", given.guidanceRescale, 0, 1);
  number("--eta", given.eta, 0, 1);
  integer("--count", given.count, 1, 100_000);
  integer("--batch", given.batch, 1, 1024);
  integer("--seed", given.seed, 0, seeds - given.count);
  integer("--clip-skip", given.clipSkip, 1, 100);
  if (given.tile !== undefined) integer("--tile", given.tile, 64, mostPixels);
  const { strength } = given;
  if (strength === undefined || (strength > 0 && strength <= 1)) return;
  throw problem("--strength", "a number above 0 and at most 1", strength);
}

function integer(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw problem(option, `an integer from ${least} to ${most}`, value);
}

function number(option: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw problem(option, `a number from ${least} to ${most}`, value);
}

function problem(option: string, expected: string, got: unknown): InputError {
  return new InputError(`Cannot sample: ${option} must be ${expected}, got ${String(got)}`);
}

function checkPictures({
  initImage,
  strength,
  mask,
}: Pick<SampleArguments, "initImage" | "strength" | "mask">): void {
  const idle = mask === undefined ? "strength" : "mask";
  if (initImage === undefined && (mask ?? strength) !== undefined) {
    throw new InputError(`Cannot sample: --${idle} needs the picture that --init-image names`);
  }
  if (initImage !== undefined) checkFile("--init-image", initImage);
  if (mask !== undefined) checkFile("--mask", mask);
}

function checkFile(option: string, file: string): void {
  if (isFile(file)) return;
  throw new InputError(`Cannot sample: ${option} ${file}: no such file`);
}

const isFile = (file: string): boolean =>
  statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

/** The prompt, or those of a file, a line each. */
function readPrompts(prompt: string | undefined, file: string | undefined): string[] {
  if ((prompt === undefined) === (file === undefined)) {
    const got = prompt === undefined ? "neither" : "both";
    throw new InputError(`Cannot sample: expected a prompt or --prompts FILE, got ${got}`);
  }
  return prompt === undefined ? readPromptFile(file!) : [prompt];
}

/** `512`, or `512x768`: width and height. */
function readSize(text: string): { width: number; height: number } {
  const [, width, height = width] = /^(\d+)(?:x(\d+))?$/i.exec(String(text)) ?? [];
  const sides = { width: Number(width), height: Number(height) };
  const fits = (side: number): boolean => side >= 8 && side <= mostPixels;
  if (fits(sides.width) && fits(sides.height)) return sides;
  throw problem("--size", `SIDE or WIDTHxHEIGHT in pixels from 8 to ${mostPixels}`, text);
}

function readLoraOption(text: string): ScaledLora {
  const lora = parseLora(text);
  checkFile("--lora", lora.file);
  return lora;
}

/** A folder, or one `.png`, that can be written. */
function checkOutput(out: string, count: number): void {
  if (isPng(out) && count > 1) {
    throw problem("--out", `a folder for ${count} pictures`, out);
  }
  const kind = statSync(out, { throwIfNoEntry: false });
  if (kind && kind.isDirectory() === isPng(out)) {
    throw problem("--out", isPng(out) ? "a file" : "a folder or a .png file", out);
  }
  let present = path.resolve(out);
  while (!existsSync(present)) present = path.dirname(present);
  try {
    accessSync(present, constants.W_OK);
  } catch (cause) {
    throw new InputError(`Cannot sample: --out ${out}: ${present} cannot be written`, { cause });
  }
}

/** Whether an output is one picture, not a folder. */
export function isPng(out: string): boolean {
  return path.extname(out).toLowerCase() === ".png";
}
