import {
  cutTensors,
  integerOf,
  type Cut,
  type DecoderWeights,
  type Kept,
} from "./decoderWeights.ts";

/**
 * The model that knows some tokens only; their ids are their places among those that stay. The
 * tokenizer has to be cut alike.
 *
 * @param kept ids that stay, in growing order
 * @throws {RangeError} when they are not in order, or one that the settings name is not among them
 */
export function keepVocabulary(model: DecoderWeights, kept: Kept): DecoderWeights {
  const size = integerOf(model.config, "vocab_size");
  if (kept.length === 0 || kept.some((id, i) => id <= (kept[i - 1] ?? -1) || id >= size)) {
    throw new RangeError(
      `Cannot cut a vocabulary: expected ids of 0 to ${size - 1} in growing order, got ${kept.length} others`,
    );
  }
  const ids = new Map(kept.map((id, i) => [id, i]));
  const settings = Object.fromEntries(
    specialTokens
      .filter((key) => model.config[key] !== undefined && model.config[key] !== null)
      .map((key) => [key, renamed(key, model.config[key], ids)]),
  );
  return cutTensors(model, { ...settings, vocab_size: kept.length }, (name): Cut =>
    /\b(embed_tokens|lm_head)\.weight$/.test(name) ? [[0, kept]] : [],
  );
}

const specialTokens = ["bos_token_id", "eos_token_id", "pad_token_id"] as const;

/** A special token's new id, or those of several. */
function renamed(key: string, id: unknown, ids: ReadonlyMap<number, number>): number | number[] {
  if (Array.isArray(id)) return id.map((each) => Number(renamed(key, each, ids)));
  const place = ids.get(Number(id));
  if (place !== undefined) return place;
  throw new RangeError(
    `Cannot cut a vocabulary: the model's ${key} ${String(id)} is not among the tokens that stay`,
  );
}
