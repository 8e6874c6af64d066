import { checkOption, type LogitsProcessor } from "./logitsProcessor.ts";
import { probabilities } from "./probabilities.ts";

/**
 * Keeps the fewest of the likeliest tokens that are as probable as `p` together.
 *
 * Source: Holtzman et al. 2019, arXiv:1904.09751, eq. 2.
 */
export function topP(p: number): LogitsProcessor {
  checkOption(p >= 0 && p <= 1, "top_p", "in [0, 1]", p);
  return (logits) => {
    if (p === 1) return;
    const each = probabilities(logits);
    const { least, ties } = cutAt(each.toSorted(), p);
    let kept = 0;
    for (let i = 0; i < logits.length; i++) {
      const isKept = each[i]! > least || (each[i] === least && kept++ < ties);
      if (!isKept) logits[i] = -Infinity;
    }
  };
}

/** The least probability that is kept, and how many tokens of just that. */
function cutAt(ascending: Float64Array, p: number): { least: number; ties: number } {
  let [at, sum] = [ascending.length - 1, ascending.at(-1)!];
  for (; at > 0 && sum < p; at--) sum += ascending[at - 1]!;
  const least = ascending[at]!;
  let ties = 1;
  while (ascending[at + ties] === least) ties++;
  return { least, ties };
}
