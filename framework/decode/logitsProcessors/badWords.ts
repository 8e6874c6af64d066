import { checkOption, type LogitsProcessor } from "./logitsProcessor.ts";

/** Forbids the last token of each sequence where the tokens before it have just been written. */
export function badWords(words: readonly (readonly number[])[]): LogitsProcessor {
  checkOption(words.every((word) => word.length > 0), "bad words", "of a token or more", words); // prettier-ignore
  return (logits, ids) => {
    for (const word of words) {
      const start = ids.length - (word.length - 1);
      const isWritten = word.slice(0, -1).every((id, i) => ids[start + i] === id);
      if (isWritten) logits[word.at(-1)!] = -Infinity;
    }
  };
}
