import type { LogitsProcessor } from "./logitsProcessor.ts";

export interface CountPenalties {
  /** Subtracted for each time that a token is there. */
  frequencyPenalty?: number;
  /** Subtracted once where it is there at all. */
  presencePenalty?: number;
  /** Tokens of the prompt, which do not count. Default: 0, all count. */
  promptLength?: number;
}

/** OpenAI's penalties on tokens that are there already; negative ones make them likelier. */
export function countPenalties({
  frequencyPenalty = 0,
  presencePenalty = 0,
  promptLength = 0,
}: CountPenalties): LogitsProcessor {
  return (logits, ids) => {
    const seen = new Set<number>();
    for (let i = promptLength; i < ids.length; i++) {
      const id = ids[i]!;
      logits[id]! -= frequencyPenalty + (seen.has(id) ? 0 : presencePenalty);
      seen.add(id);
    }
  };
}
