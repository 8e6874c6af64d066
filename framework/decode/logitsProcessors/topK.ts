import { checkOption, type LogitsProcessor } from "./logitsProcessor.ts";

/**
 * Forbids what is less likely than the `k` likeliest tokens; those as likely as the last stay.
 *
 * Source: Fan et al. 2018, arXiv:1805.04833, section 5.4.
 */
export function topK(k: number): LogitsProcessor {
  checkOption(Number.isInteger(k) && k >= 1, "top_k", "to be an integer >= 1", k);
  return (logits) => {
    if (k >= logits.length) return;
    const least = logits.toSorted()[logits.length - k]!;
    for (let i = 0; i < logits.length; i++) if (logits[i]! < least) logits[i] = -Infinity;
  };
}
