import { SpeculativeDecoder } from "../speculation/speculativeDecoder.ts";
import { checkGenerateOptions, promptsOf } from "./generateOptions.ts";
import type { GenerationTarget, GenerateOptions, GeneratedToken } from "./generation.ts";
import { meanwhile } from "./meanwhile.ts";
import { feedPart, prefixKeysOf } from "./promptParts.ts";
import { TextInProgress } from "./textInProgress.ts";

/**
 * Continues texts, as many at a time as the engine has rows; the next one begins when another ends.
 * Texts do not depend on each other, but for the rounding of sums that are made together.
 *
 * All rows of the engine are used, and empty afterwards.
 *
 * @returns tokens as they come, those of one text in their order
 * @throws {RangeError} for options that do not fit the engine, before anything runs; for logits that
 *   are no numbers
 */
export async function* generateTokens(
  engine: GenerationTarget,
  options: GenerateOptions,
): AsyncGenerator<GeneratedToken, void, undefined> {
  checkGenerateOptions(engine, options);
  const waiting = promptsOf(options).map(
    (prompt, text) => new TextInProgress(text, prompt, options, engine.capacity),
  );
  const running = new Map<number, TextInProgress>();
  try {
    while (waiting.length > 0 || running.size > 0) {
      for (let row = 0; row < engine.rows && waiting.length > 0; row++) {
        if (running.has(row)) continue;
        options.signal?.throwIfAborted();
        const text = waiting.shift()!;
        running.set(row, text);
        yield* await begin(engine, row, text, options);
      }
      for (const [row, text] of running) if (text.isFinished) running.delete(row);
      if (running.size === 0) continue;
      options.signal?.throwIfAborted();
      yield* await goOn(engine, running);
      for (const [row, text] of running) if (text.isFinished) running.delete(row);
    }
  } finally {
    for (let row = 0; row < engine.rows; row++) await engine.reset(row);
  }
}

/** Reads a prompt. Texts that guess have their first token with the next run. */
async function begin(
  engine: GenerationTarget,
  row: number,
  text: TextInProgress,
  { prefixes, speculation }: GenerateOptions,
): Promise<GeneratedToken[]> {
  const { tokens } = text.prompt;
  const keys = prefixKeysOf(text.prompt);
  if (keys && prefixes) text.cachedTokens = await prefixes.restore(row, keys);
  else await engine.reset(row);
  const from = text.cachedTokens;
  const end = speculation ? tokens.length - 1 : tokens.length;
  const count = end - from;
  const options = { logitsFrom: speculation ? count : count - 1 };
  const [logits] = count > 0 ? await feedPart(engine, row, text.prompt, from, end, options) : [];
  if (keys) await prefixes?.store(row, keys.slice(0, end));
  if (speculation) {
    text.speculate(new SpeculativeDecoder(engine, row, tokens, text.speculative(speculation)));
    return [];
  }
  return [text.add(logits!)];
}

/** The next tokens of all texts. */
async function goOn(
  engine: GenerationTarget,
  running: ReadonlyMap<number, TextInProgress>,
): Promise<GeneratedToken[]> {
  const added: GeneratedToken[] = [];
  const plain = [...running].filter(([, text]) => !text.speculation);
  if (plain.length > 0) {
    const step = engine.step(plain.map(([row, text]) => ({ row, token: text.last })));
    const logits = await meanwhile(step, () => {
      for (const [, text] of plain) text.prepare();
    });
    for (const [i, [, text]] of plain.entries()) added.push(text.add(logits[i]!));
  }
  for (const text of running.values()) {
    if (text.speculation) added.push(...(await text.guess()));
  }
  return added;
}
