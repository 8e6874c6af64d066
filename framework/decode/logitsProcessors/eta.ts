import { cutImprobable } from "./cutImprobable.ts";
import { checkOption, type LogitsProcessor } from "./logitsProcessor.ts";
import { entropy, probabilities } from "./probabilities.ts";

/**
 * As `epsilon`, with a bound that falls where the next token is hard to foresee.
 *
 * Source: Hewitt et al. 2022, arXiv:2210.15191, eq. 6, with alpha the root of epsilon.
 */
export function eta(cutoff: number): LogitsProcessor {
  checkOption(cutoff > 0 && cutoff < 1, "eta_cutoff", "in (0, 1)", cutoff);
  return (logits) => {
    const each = probabilities(logits);
    const least = Math.min(cutoff, Math.sqrt(cutoff) * Math.exp(-entropy(each)));
    cutImprobable(logits, each, least);
  };
}
