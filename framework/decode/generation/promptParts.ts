import type { Logits } from "../decodeEngine.ts";
import { replacementsWithin } from "../decodeModel.ts";
import type { GenerationPrompt, GenerationTarget } from "./generation.ts";

/** A prompt's keys in a cache of prefixes; undefined where its tokens alone do not say what it is. */
export function prefixKeysOf({
  tokens,
  replacements,
  prefixKeys,
}: GenerationPrompt): readonly number[] | undefined {
  return prefixKeys ?? (replacements ? undefined : tokens);
}

/**
 * Adds tokens `[from, to)` of a prompt to a row that has those before them.
 *
 * @param logitsFrom counted from the first of them
 */
export async function feedPart(
  engine: GenerationTarget,
  row: number,
  { tokens, replacements }: GenerationPrompt,
  from: number,
  to: number,
  { logitsFrom }: { readonly logitsFrom: number },
): Promise<Logits> {
  const own = replacements && replacementsWithin(replacements, from, to - from);
  const options = { logitsFrom, ...(own && own.at.length > 0 && { replacements: own }) };
  return engine.feed(row, tokens.slice(from, to), options);
}
