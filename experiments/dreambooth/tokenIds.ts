import type { PipelineComponents } from "seedbed";

/** Part of the merged pieces, from the most frequent on, that count as common. */
const commonShare = 0.5;
/** CLIP's first ids are single bytes, within a word and at its end. */
const byteIds = 512;

/**
 * What speaks against a token by its ids alone: it is spelled with several, each of which means
 * something elsewhere, or it is a common word. The second can be told of a vocabulary of merges
 * (byte-pair encoding), whose ids count from the most frequent piece.
 *
 * @returns undefined when nothing does
 */
export function describeTokenIds(
  token: string,
  { tokenizer, tokenizerFiles }: Pick<PipelineComponents, "tokenizer" | "tokenizerFiles">,
): string | undefined {
  const ids = tokenizer.textIds(token);
  if (tokenizer.idOf(token) === ids[0] && ids.length > 1) return undefined; // a learned one's vectors
  const shown = ids.map((id) => `${id} "${tokenizer.decode([id]).trim()}"`).join(", ");
  if (ids.length > 1) {
    return `Token ${token} is spelled with ${ids.length} ids, which other words have too: ${shown}; a token of one id is learnt sooner, and changes nothing else`;
  }
  const [id = 0] = ids;
  const rank = (id - byteIds) / (tokenizer.vocabularySize - byteIds);
  if (!isByFrequency(tokenizerFiles) || rank >= commonShare) return undefined;
  return `Token ${token} is a common word of the model's vocabulary, with id ${shown} of ${tokenizer.vocabularySize}: what it means will mix with the subject; choose a rarer one`;
}

/** Whether ids count from the most frequent piece, as those of byte-pair encoding do. */
function isByFrequency(files: PipelineComponents["tokenizerFiles"]): boolean {
  if (files.has("merges.txt")) return true;
  return /"type":\s*"BPE"/.test(files.get("tokenizer.json") ?? "");
}
