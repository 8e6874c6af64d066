import type { WordNet } from "./wordNet.ts";

/** So often WordNet's annotators met a word that is common. */
const leastCount = 2;

/** Nouns of three to nine letters that people use, in order. */
export function commonNouns({ meanings, tagCounts }: WordNet): string[] {
  const isCommon = (word: string): boolean =>
    /^[a-z]{3,9}$/.test(word) &&
    meanings
      .get(word)!
      .some(({ id }) => id.startsWith("n") && (tagCounts.get(`${word}/${id}`) ?? 0) >= leastCount);
  return [...meanings.keys()].filter(isCommon).toSorted();
}
