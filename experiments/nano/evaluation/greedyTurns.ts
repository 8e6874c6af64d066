import { generate, type GenerationTarget } from "seedbed";

export interface Prompt {
  readonly ids: readonly number[];
  /** Most tokens of what is said. */
  readonly length: number;
}

export interface GreedyTurnsOptions {
  readonly engine: GenerationTarget;
  /** Ends what is said. */
  readonly end: number;
  /** Told after each prompt that has its answer, in no order. */
  readonly onSaid?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * What a model says to prompts, always what it thinks likeliest.
 *
 * @returns for each prompt its tokens without the end; fewer than `length` where the text is full,
 *   none where the prompt alone fills it
 */
export async function greedyTurns(
  prompts: readonly Prompt[],
  { engine, end, onSaid, signal }: GreedyTurnsOptions,
): Promise<number[][]> {
  const said = prompts.map((): number[] => []);
  const asked = prompts.flatMap(({ ids, length }, prompt) => {
    const maxNewTokens = Math.min(length, engine.capacity - ids.length);
    return maxNewTokens > 0 ? [{ prompt, tokens: ids, maxNewTokens }] : [];
  });
  let done = 0;
  const finish = (): void => onSaid?.(++done);
  for (let full = asked.length; full < prompts.length; full++) finish();
  if (asked.length === 0) return said;
  const options = { prompts: asked, maxNewTokens: 1, stopTokens: [end], ...(signal && { signal }) };
  const answers = await generate(engine, options, ({ finishReason }) => {
    if (finishReason !== undefined) finish();
  });
  for (const [i, { prompt }] of asked.entries()) said[prompt] = [...answers[i]!.tokens];
  return said;
}
