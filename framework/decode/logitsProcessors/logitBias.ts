import type { LogitsProcessor } from "./logitsProcessor.ts";

/** Adds to the logits of some tokens. */
export function logitBias(biases: ReadonlyMap<number, number>): LogitsProcessor {
  return (logits) => {
    for (const [id, bias] of biases) if (id < logits.length) logits[id]! += bias;
  };
}
