import type { DecodeEngine } from "seedbed";

export interface Prompt {
  readonly ids: readonly number[];
  /** Most tokens of what is said. */
  readonly length: number;
}

/** What of an engine is needed. */
export type TurnEngine = Pick<DecodeEngine, "config" | "rows" | "reset" | "prefill" | "step">;

export interface GreedyTurnsOptions {
  readonly engine: TurnEngine;
  /** Ends what is said. */
  readonly end: number;
  /** Most tokens of a text; default what the model is made for. */
  readonly capacity?: number;
  /** Told after each prompt that has its answer, in no order. */
  readonly onSaid?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * What a model says to prompts, always what it thinks likeliest, on all rows of an engine at once: a
 * row that is done begins with the next prompt.
 *
 * @returns for each prompt its tokens without the end; fewer than `length` where the text is full,
 *   none where the prompt alone fills it
 */
export async function greedyTurns(
  prompts: readonly Prompt[],
  options: GreedyTurnsOptions,
): Promise<number[][]> {
  const { engine, end, onSaid, signal } = options;
  const { capacity = engine.config.max_position_embeddings } = options;
  const said = prompts.map((): number[] => []);
  const isDone = (prompt: number): boolean =>
    said[prompt]!.length >=
    Math.min(prompts[prompt]!.length, capacity - prompts[prompt]!.ids.length);
  /** The prompt of each row that is being answered, and the token that it says next. */
  const rows = new Map<number, { prompt: number; token: number }>();
  const free = Array.from({ length: engine.rows }, (_, row) => row);
  let begun = 0;
  let done = 0;
  const finish = (row: number): void => {
    rows.delete(row);
    free.push(row);
    onSaid?.(++done);
  };
  const hear = (row: number, prompt: number, logits: Float32Array): void => {
    const token = likeliest(logits);
    rows.set(row, { prompt, token });
    if (token === end) return finish(row);
    said[prompt]!.push(token);
    if (isDone(prompt)) finish(row);
  };
  while (begun < prompts.length || rows.size > 0) {
    signal?.throwIfAborted();
    while (free.length > 0 && begun < prompts.length) {
      const prompt = begun++;
      const row = free.pop()!;
      if (isDone(prompt)) finish(row);
      else {
        await engine.reset(row);
        hear(row, prompt, await engine.prefill(row, prompts[prompt]!.ids));
      }
    }
    const asked = [...rows].map(([row, { prompt, token }]) => ({ row, prompt, token }));
    if (asked.length === 0) continue;
    const logits = await engine.step(asked);
    for (const [i, { row, prompt }] of asked.entries()) hear(row, prompt, logits[i]!);
  }
  return said;
}

/** The first of the tokens with the largest logit. */
export function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
}
