import { RandomStream } from "seedbed";

import { drawCode, drawInteger, drawName } from "../tools/drawnValues.ts";
import { between, inWords, pick, several } from "../tools/tool.ts";

export interface EchoesOptions {
  seed: number;
  count: number;
  /** Nouns, one or more. */
  words: readonly string[];
}

/** What is asked, and the answer, which stands in the question. */
export interface Echo {
  readonly question: string;
  readonly answer: string;
}

type Value = string | number;
type Form = (values: readonly Value[], random: RandomStream) => Echo;

/** Names of values, as arguments have them. */
const keys = ["name", "count", "word", "code", "topic", "size", "label", "place", "level", "item"];

const forms: readonly Form[] = [
  (values, random) => {
    const text = values.join(" ");
    return { question: `${pick(random, ["Repeat", "Say", "Write"])}: ${text}`, answer: text };
  },
  (values) => ({ question: `Repeat after me: ${inWords(values)}.`, answer: `${inWords(values)}.` }),
  (values) => ({ question: `Write ${inWords(values)} as JSON.`, answer: JSON.stringify(values) }),
  (values, random) => {
    const names = several(random, keys, values.length);
    const said = inWords(values.map((value, i) => `${names[i]} ${value}`));
    const entries = values.map((value, i) => [names[i]!, value]);
    return {
      question: `Write ${said} as JSON.`,
      answer: JSON.stringify(Object.fromEntries(entries)),
    };
  },
  (values, random) => {
    const place = random.integer(values.length);
    return {
      question: `Which is number ${place + 1} of ${inWords(values)}?`,
      answer: `${values[place]}.`,
    };
  },
];

/**
 * Questions whose answers they hold themselves: words, names, numbers and codes to be said again, in a
 * sentence or as JSON. Most tokens of an answer are to be copied, which is learnt from them sooner
 * than from calls, of whose tokens few are. Number `i` is a pure function of the options and `i`.
 */
export function echoes({ seed, count, words }: EchoesOptions): Echo[] {
  return Array.from({ length: count }, (_, i) => {
    const random = new RandomStream(seed, "nano/echoes", i);
    const draw = pick(random, [
      () => pick(random, words),
      () => drawName(random),
      () => drawInteger(random),
      () => drawCode(random),
      () => pick(random, [pick(random, words), drawName(random), drawInteger(random)]),
    ]);
    return pick(random, forms)(Array.from({ length: between(random, 2, 6) }, draw), random);
  });
}
