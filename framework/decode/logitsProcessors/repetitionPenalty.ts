import { checkOption, type LogitsProcessor } from "./logitsProcessor.ts";

/**
 * Makes tokens that are there already less likely: divides logits above zero, multiplies others.
 *
 * Source: Keskar et al. 2019, arXiv:1909.05858, section 4.1, with the sign as transformers has it.
 */
export function repetitionPenalty(penalty: number): LogitsProcessor {
  checkOption(penalty > 0, "repetition_penalty", "> 0", penalty);
  return (logits, ids) => {
    for (const id of new Set(Array.from(ids))) {
      const logit = logits[id]!;
      logits[id] = logit < 0 ? logit * penalty : logit / penalty;
    }
  };
}
