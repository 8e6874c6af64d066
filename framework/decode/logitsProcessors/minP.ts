import { checkOption, type LogitsProcessor } from "./logitsProcessor.ts";
import { maximum } from "./probabilities.ts";

/**
 * Forbids tokens that are less probable than a share of the likeliest.
 *
 * Source: Nguyen et al. 2024, arXiv:2407.01082, section 3.
 */
export function minP(share: number): LogitsProcessor {
  checkOption(share >= 0 && share <= 1, "min_p", "in [0, 1]", share);
  return (logits) => {
    const least = maximum(logits) + Math.log(share);
    for (let i = 0; i < logits.length; i++) if (logits[i]! < least) logits[i] = -Infinity;
  };
}
