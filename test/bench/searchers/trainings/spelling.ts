import { readWordNet } from "../../../../experiments/nano/data/wordNet.ts";
import { RandomStream } from "../../../../framework/base/random.ts";

/** What is to be told from some letters: `letters` codes of each example, and its class. */
export interface SpellingData {
  readonly letters: number;
  readonly classes: number;
  readonly training: Examples;
  readonly validation: Examples;
}

export interface Examples {
  /** int32 `[examples, letters]`, 0 where there is none. */
  readonly codes: Int32Array;
  /** int32 `[examples]` */
  readonly labels: Int32Array;
}

/** Codes of a letter: nothing, a to z, anything else. */
export const alphabet = 28;

const codeOf = (letter: string | undefined): number => {
  if (letter === undefined) return 0;
  const place = letter.charCodeAt(0) - 97;
  return place >= 0 && place < 26 ? place + 1 : alphabet - 1;
};

interface Example {
  readonly letters: readonly number[];
  readonly label: number;
}

function splitOf(
  examples: readonly Example[],
  { letters, classes, validation }: { letters: number; classes: number; validation: number },
): SpellingData {
  const order = new RandomStream(1, "bench/searchers/spelling").permutation(examples.length);
  const shuffled = Array.from(order, (place) => examples[place]!);
  const packed = (some: readonly Example[]): Examples => ({
    codes: Int32Array.from(some.flatMap((each) => each.letters)),
    labels: Int32Array.from(some, ({ label }) => label),
  });
  return {
    ...{ letters, classes },
    training: packed(shuffled.slice(validation)),
    validation: packed(shuffled.slice(0, validation)),
  };
}

const parts = ["n", "v", "a", "r"];

/** Whether a word is a noun, a verb, an adjective or an adverb, from its last eight letters. */
export function wordClasses(count = 1200): SpellingData {
  const kindsOf = new Map<string, Set<string>>();
  for (const { id, words } of readWordNet().synsets.values()) {
    for (const word of words) {
      if (!/^[a-z]{4,}$/.test(word)) continue;
      const kinds = kindsOf.get(word) ?? new Set();
      kindsOf.set(word, kinds.add(id[0]!));
    }
  }
  const examples = parts.flatMap((part, label) => {
    const words = [...kindsOf].filter(([, kinds]) => kinds.size === 1 && kinds.has(part));
    const order = new RandomStream(1, `bench/searchers/${part}`).permutation(words.length);
    return Array.from(order.subarray(0, count), (place) => {
      const [word] = words[place]!;
      const last = Array.from({ length: 8 }, (_, i) => codeOf(word.at(i - 8)));
      return { letters: last, label };
    });
  });
  return splitOf(examples, { letters: 8, classes: parts.length, validation: 800 });
}

/** The letter of a definition that comes after six others. */
export function nextLetters(count = 8000): SpellingData {
  const glosses = [...readWordNet().synsets.values()].map(({ gloss }) => gloss.toLowerCase());
  const random = new RandomStream(1, "bench/searchers/letters");
  const examples = Array.from({ length: count }, () => {
    const gloss = glosses[random.integer(glosses.length)]!;
    const at = random.integer(gloss.length);
    const before = Array.from({ length: 6 }, (_, i) => codeOf(gloss[at - 6 + i]));
    return { letters: before, label: codeOf(gloss[at]) };
  });
  return splitOf(examples, { letters: 6, classes: alphabet, validation: 1000 });
}
