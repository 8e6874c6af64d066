import { checkOption, type LogitsProcessor } from "./logitsProcessor.ts";

/**
 * Forbids tokens that would repeat a sequence of `size` tokens.
 *
 * Source: Paulus et al. 2017, arXiv:1705.04304, section 2.5.
 */
export function noRepeatNgram(size: number): LogitsProcessor {
  checkOption(Number.isInteger(size) && size >= 1, "no_repeat_ngram_size", "to be an integer >= 1", size); // prettier-ignore
  return (logits, ids) => {
    const start = ids.length - (size - 1);
    for (let at = 0; at + size <= ids.length; at++) {
      let same = 0;
      while (same < size - 1 && ids[at + same] === ids[start + same]) same++;
      if (same === size - 1) logits[ids[at + same]!] = -Infinity;
    }
  };
}
