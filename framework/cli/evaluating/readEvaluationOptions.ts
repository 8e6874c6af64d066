import { InputError } from "../../base/errors.ts";
import type { EvaluateOptions } from "../../experiment/evaluation.ts";
import { readPromptFile } from "../sampling/readPromptFile.ts";

/** What was typed. */
export interface EvaluationArguments {
  readonly samples: number | undefined;
  readonly seed: number | undefined;
  readonly prompt: readonly string[] | undefined;
  readonly prompts: string | undefined;
  readonly checkpoint: string | undefined;
  readonly weights: "ema" | "raw" | undefined;
  readonly clip: string | undefined;
}

const mostSamples = 10_000;

/** @throws {InputError} naming the option */
export function readEvaluationOptions({
  prompt = [],
  prompts: file,
  ...rest
}: EvaluationArguments): EvaluateOptions {
  integer("--samples", rest.samples, 2, mostSamples);
  integer("--seed", rest.seed, 0, 2 ** 31);
  const prompts = [...prompt, ...(file === undefined ? [] : readPromptFile(file))];
  const { samples, seed, checkpoint, weights, clip } = rest;
  return {
    ...{ samples, seed, checkpoint, weights, clip },
    prompts: prompts.length === 0 ? undefined : prompts,
  };
}

function integer(option: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw new InputError(
    `Cannot evaluate: ${option} must be an integer from ${least} to ${most}, got ${value}`,
  );
}
