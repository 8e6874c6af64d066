import { sentence } from "./countryQuestions.ts";
import { factQuestions } from "./factQuestions.ts";
import type { Question } from "./question.ts";
import type { Synset, WordNet } from "./wordNet.ts";

/** Topics of nouns that can be seen or touched: animals, things, bodies, food, objects, people, plants, substances. */
const concreteTopics = new Set([5, 6, 8, 13, 17, 18, 20, 27]);
/** Topics of adjectives. */
const adjectiveTopics = new Set([0, 44]);

/** A word is known to everyone when annotators met it in texts, or definitions use it this often. */
const leastUses = 6;
const longestGloss = 90;

const explain = [
  "What is {a}{word}?",
  'What does the word "{word}" mean?',
  "Define {word}.",
  "Explain what {a}{word} is.",
  "Tell me what {a}{word} is.",
];
const kindOf = [
  "What kind of thing is {a}{word}?",
  "{A}{word} is a kind of what?",
  "What is {a}{word} a kind of?",
];
const opposite = [
  "What is the opposite of {word}?",
  "Name the opposite of {word}.",
  "Which word means the opposite of {word}?",
  "{word} is the opposite of what?",
];

/**
 * What common things are, what kind of thing they are, and opposites.
 *
 * Of a noun the most common meaning is taken, if it is concrete and its definition is short and does
 * not use the word itself.
 */
export function wordQuestions(wordNet: WordNet): Question[] {
  const uses = countUses(wordNet);
  const questions: Question[] = [];
  for (const [word, meanings] of [...wordNet.meanings].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!/^[a-z]{3,12}$/.test(word)) continue;
    questions.push(...nounQuestions(wordNet, word, meanings, uses));
    questions.push(...oppositeQuestions(wordNet, word, meanings));
  }
  return questions;
}

/** How often words occur in definitions and examples. */
function countUses({ synsets }: WordNet): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const { gloss, examples } of synsets.values()) {
    for (const word of [gloss, ...examples]
      .join(" ")
      .toLowerCase()
      .match(/[a-z]+/g) ?? []) {
      uses.set(word, (uses.get(word) ?? 0) + 1);
    }
  }
  return uses;
}

function nounQuestions(
  wordNet: WordNet,
  word: string,
  meanings: readonly Synset[],
  uses: ReadonlyMap<string, number>,
): Question[] {
  const noun = meanings.find(({ id, words }) => id.startsWith("n") && words.includes(word));
  if (!noun || !concreteTopics.has(noun.topic)) return [];
  const tagged = wordNet.tagCounts.get(`${word}/${noun.id}`) ?? 0;
  const used = uses.get(word) ?? 0;
  if (used < leastUses && tagged < 2) return [];
  if (/[^sui]s$|^(teeth|feet|men|women|mice|geese)$/.test(word)) return []; // plurals
  const gloss = plainGloss(noun.gloss);
  const a = isMass(noun) ? "" : `${article(word)} `;
  const values = { word, a, A: a.replace("a", "A") };
  const questions: Question[] = [];
  if (isPlain(gloss, word)) {
    questions.push(
      ...factQuestions("words", {
        key: `gloss/${word}`,
        phrasings: explain,
        values,
        answer: sentence(capital(gloss)),
      }),
    );
  }
  const kind = wordNet.synsets.get(noun.kinds[0] ?? "")?.words[0];
  if (kind !== undefined && /^[a-z ]+$/.test(kind) && !kind.split(" ").includes(word)) {
    questions.push(
      ...factQuestions("kinds", {
        key: `kind/${word}`,
        phrasings: kindOf,
        values,
        answer: sentence(capital(kind)),
      }),
    );
  }
  return questions;
}

/** The first part of a definition, without what stands in brackets. */
function plainGloss(gloss: string): string {
  return gloss
    .replaceAll(/\s*\([^)]*\)/g, "")
    .split(";")[0]!
    .trim();
}

function isPlain(gloss: string, word: string): boolean {
  const words = gloss.toLowerCase().match(/[a-z]+/g) ?? [];
  const mentions = words.some((each) => each === word || each === `${word}s`);
  return (
    gloss.length <= longestGloss && words.length >= 3 && !mentions && /^[\w ,'’-]+$/.test(gloss)
  );
}

/** The common meaning's opposite, where an adjective, noun or verb has one. */
function oppositeQuestions(
  wordNet: WordNet,
  word: string,
  meanings: readonly Synset[],
): Question[] {
  for (const synset of meanings) {
    const tagged = wordNet.tagCounts.get(`${word}/${synset.id}`) ?? 0;
    if (!adjectiveTopics.has(synset.topic) || tagged < 2) continue;
    const to = synset.opposites.find(([from]) => from === word)?.[1];
    if (to === undefined || !/^[a-z]+$/.test(to)) continue;
    return factQuestions("opposites", {
      key: `opposite/${word}`,
      phrasings: opposite,
      values: { word },
      answer: sentence(capital(to)),
    });
  }
  return [];
}

/** Substances, and food that its definition does not count: `bacon`, but `a banana`. */
function isMass({ topic, gloss }: Synset): boolean {
  return topic === 27 || (topic === 13 && !/^(an?|any|one|the)\b/.test(gloss));
}

function article(word: string): string {
  return /^([aeio]|u(?!ni|s[eu]|t[ei]|r[ae]|k|f))/.test(word) ? "an" : "a";
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
