import { RandomStream, type Tokenizer } from "seedbed";

import { renderChat } from "../data/chat.ts";

/** A fact that nobody can know but from the text it stands in. */
export interface Needle {
  readonly sentence: string;
  readonly question: string;
  /** What an answer must contain. */
  readonly answer: string;
}

/** A number of four digits, drawn by seed and trial. */
export function needleOf(seed: number, trial: number): Needle {
  const answer = String(1000 + new RandomStream(seed, "needle", trial).integer(9000));
  return {
    sentence: ` The secret number is ${answer}. `,
    question: "What is the secret number?",
    answer,
  };
}

export interface NeedlePromptOptions {
  /** Prose; repeated where it is too short. */
  readonly haystack: ArrayLike<number>;
  readonly needle: Needle;
  /** Tokens of the prompt, all of it. */
  readonly length: number;
  /** Share of the prose before the needle, in [0, 1]. */
  readonly depth: number;
}

/**
 * A user's turn of prose with a fact in it and a question about it at the end, as tokens.
 *
 * Source: Kamradt 2023, "Needle in a haystack".
 *
 * @throws {RangeError} when the length has no room for the needle and the question
 */
export function needlePrompt(
  tokenizer: Pick<Tokenizer, "textIds">,
  { haystack, needle, length, depth }: NeedlePromptOptions,
): number[] {
  const place = "\u0000";
  const turn = renderChat([{ role: "user", content: `${place}\n${needle.question}` }], {
    addGenerationPrompt: true,
  });
  const [head, tail] = turn.split(place).map((text) => tokenizer.textIds(text));
  const fact = tokenizer.textIds(needle.sentence);
  const room = length - head!.length - fact.length - tail!.length;
  if (room < 0 || haystack.length === 0) {
    throw new RangeError(
      `Cannot hide a needle: expected some prose and at least ${length - room} tokens, got ${haystack.length} and ${length}`,
    );
  }
  const prose = Array.from({ length: room }, (_, i) => haystack[i % haystack.length]!);
  const at = Math.round(depth * room);
  return [...head!, ...prose.slice(0, at), ...fact, ...prose.slice(at), ...tail!];
}
