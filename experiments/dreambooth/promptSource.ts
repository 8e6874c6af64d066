import type { HostTensor, RandomStream } from "seedbed";

import type { CaptionSettings } from "./settings/prompts.ts";

/**
 * Ids of what a picture is trained under.
 *
 * @param random decides where there is a choice; left out: the first prompt, as it is written
 */
export type PromptSource = (random?: RandomStream) => HostTensor;

/**
 * @param prompts of which each visit has one
 * @param encode gives ids of a text, those of the empty one where a prompt is left out
 */
export function promptSource(
  prompts: readonly string[],
  {
    shuffleCaptions,
    keepParts,
    captionDropout,
  }: Pick<CaptionSettings, "shuffleCaptions" | "keepParts" | "captionDropout">,
  encode: (text: string) => HostTensor,
): PromptSource {
  return (random) => {
    if (!random) return encode(prompts[0]!);
    if (captionDropout > 0 && random.uniform() < captionDropout) return encode("");
    const prompt = prompts[prompts.length === 1 ? 0 : random.integer(prompts.length)]!;
    return encode(shuffleCaptions ? shuffled(prompt, keepParts, random) : prompt);
  };
}

/**
 * A caption with its parts, between commas, in another order.
 *
 * @param keep so many first parts stay where they are
 */
export function shuffled(caption: string, keep: number, random: RandomStream): string {
  const parts = caption.split(",").map((part) => part.trim());
  const moved = parts.slice(keep);
  const order = random.permutation(moved.length);
  return [...parts.slice(0, keep), ...Array.from(order, (from) => moved[from]!)].join(", ");
}

/** Remembers what it gave for a text. */
export function remembering(encode: (text: string) => HostTensor): (text: string) => HostTensor {
  const known = new Map<string, HostTensor>();
  return (text) => {
    const found = known.get(text) ?? encode(text);
    known.set(text, found);
    return found;
  };
}
