import { checkOption, type LogitsProcessor } from "./logitsProcessor.ts";
import { entropy, logProbabilities } from "./probabilities.ts";

/**
 * Keeps the fewest tokens that are as probable as `mass` together, from those whose information is
 * nearest to what is expected.
 *
 * Source: Meister et al. 2022, arXiv:2202.00666, eq. 12.
 */
export function typical(mass: number): LogitsProcessor {
  checkOption(mass > 0 && mass <= 1, "typical_p", "in (0, 1]", mass);
  return (logits) => {
    if (mass === 1) return;
    const logs = logProbabilities(logits);
    const expected = entropy(logs.map(Math.exp));
    const away = logs.map((log) => Math.abs(-log - expected));
    const order = Array.from(away.keys()).toSorted((a, b) => away[a]! - away[b]! || a - b);
    let sum = 0;
    const last = order.find((id) => (sum += Math.exp(logs[id]!)) >= mass) ?? order.at(-1)!;
    const farthest = away[last]!;
    for (let i = 0; i < logits.length; i++) if (away[i]! > farthest) logits[i] = -Infinity;
  };
}
