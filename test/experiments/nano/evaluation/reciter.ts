import { readDecoderConfig, type Tokenizer } from "seedbed";

import type { TurnEngine } from "../../../../experiments/nano/evaluation/greedyTurns.ts";

/** A model that knows by heart what is to be said after each text; nothing after others. */
export function reciter(
  tokenizer: Tokenizer,
  turns: ReadonlyMap<string, string>,
  { rows = 2, capacity = 1024 }: { rows?: number; capacity?: number } = {},
): TurnEngine {
  const size = tokenizer.vocabularySize;
  const left = new Map<number, number[]>();
  const next = (row: number): Float32Array => {
    const logits = new Float32Array(size);
    logits[left.get(row)?.shift() ?? tokenizer.ids.end!] = 1;
    return logits;
  };
  return {
    config: readDecoderConfig({
      ...{ architectures: ["LlamaForCausalLM"], vocab_size: size, num_hidden_layers: 1 },
      ...{ hidden_size: 16, intermediate_size: 16, num_attention_heads: 1 },
      max_position_embeddings: capacity,
    }),
    rows,
    reset: async (row) => void left.delete(row),
    async prefill(row, ids) {
      const text = tokenizer.decode(Array.from(ids), { keepSpecialTokens: true });
      left.set(row, tokenizer.textIds(turns.get(text) ?? ""));
      return next(row);
    },
    step: async (asked) => asked.map(({ row }) => next(row)),
  };
}
