import { cutImprobable } from "./cutImprobable.ts";
import { checkOption, type LogitsProcessor } from "./logitsProcessor.ts";
import { probabilities } from "./probabilities.ts";

/**
 * Forbids tokens of less than a probability, but for the likeliest.
 *
 * Source: Hewitt et al. 2022, arXiv:2210.15191, section 3.2.
 */
export function epsilon(least: number): LogitsProcessor {
  checkOption(least > 0 && least < 1, "epsilon_cutoff", "in (0, 1)", least);
  return (logits) => cutImprobable(logits, probabilities(logits), least);
}
