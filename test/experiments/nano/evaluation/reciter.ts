import type { GenerationTarget, Tokenizer } from "seedbed";

/** A model that knows by heart what is to be said after each text; nothing after others. */
export function reciter(
  tokenizer: Tokenizer,
  turns: ReadonlyMap<string, string>,
  { rows = 2, capacity = 1024 }: { rows?: number; capacity?: number } = {},
): GenerationTarget {
  const size = tokenizer.vocabularySize;
  const left = new Map<number, number[]>();
  const next = (row: number): Float32Array => {
    const logits = new Float32Array(size);
    logits[left.get(row)?.shift() ?? tokenizer.ids.end!] = 1;
    return logits;
  };
  return {
    ...{ rows, capacity, isRewindable: false },
    reset: async (row) => void left.delete(row),
    async feed(row, ids) {
      const text = tokenizer.decode(Array.from(ids), { keepSpecialTokens: true });
      left.set(row, tokenizer.textIds(turns.get(text) ?? ""));
      return [next(row)];
    },
    step: async (asked) => asked.map(({ row }) => next(row)),
    // asked only by who guesses tokens
    length: () => 0,
    truncate: () => Promise.reject(new Error("A reciter takes nothing back")),
  };
}
