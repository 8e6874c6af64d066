import { hasTransparency, type EvaluateOptions, type Rgb, type RgbaImage } from "seedbed";

import { accentColours, colours } from "../../textToImage/colours.ts";
import type { DreamboothSettings } from "../settings.ts";

/** Pictures of one prompt: the first has this seed, the next + 1 … */
export interface Wanted {
  readonly prompt: string;
  readonly count: number;
  readonly seed: number;
}

export interface ColouredWanted extends Wanted {
  readonly name: string;
  readonly colour: Rgb;
}

/** What a subject's models are asked to draw, and with which sampler. */
export interface Question {
  readonly class: Wanted;
  readonly subject: Wanted;
  /** The subject on every named colour; none of a photographed one, whose background is its own. */
  readonly coloured: readonly ColouredWanted[];
  /** Further prompts, to be looked at. */
  readonly others: readonly Wanted[];
  readonly sampling: Pick<
    DreamboothSettings["sampling"],
    "steps" | "guidanceScale" | "eta" | "batchSize"
  >;
}

/** Pictures of a prompt that is one of many, or only looked at. */
export const fewPictures = 8;
const leastPictures = 2; // have a diversity

/**
 * @param instances the subject's pictures
 * @param options of the command; what they leave out is as the run's own samples were
 */
export function questionOf(
  { data, sampling }: DreamboothSettings,
  instances: readonly RgbaImage[],
  options: EvaluateOptions,
): Question {
  const { samples = Math.max(leastPictures, sampling.samples), seed = sampling.seed } = options;
  const { prompts = sampling.prompts } = options;
  const few = Math.min(fewPictures, samples);
  const { steps, guidanceScale, eta, batchSize } = sampling;
  const subject = data.instance.prompt;
  return {
    class: { prompt: data.class.prompt, count: samples, seed },
    subject: { prompt: subject, count: samples, seed },
    coloured: (instances.some(hasTransparency) ? accentColours : []).map((name) => ({
      prompt: `${subject} on a ${name} background`,
      ...{ count: few, seed, name, colour: colours[name] },
    })),
    others: prompts.map((prompt) => ({ prompt, count: few, seed })),
    sampling: { steps, guidanceScale, eta, batchSize },
  };
}

/** Each prompt once, with the most pictures that are wanted of it. */
export function wantedOnce({ class: ofClass, subject, coloured, others }: Question): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const each of [ofClass, subject, ...coloured, ...others]) {
    const known = wanted.get(each.prompt);
    if (!known || known.count < each.count) wanted.set(each.prompt, each);
  }
  return [...wanted.values()];
}
