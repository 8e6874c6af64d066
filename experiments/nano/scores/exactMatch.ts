/** An answer as it is compared: lower case, one space, no article before it, no stop behind it. */
export function plainAnswer(text: string): string {
  return text
    .normalize("NFC")
    .toLowerCase()
    .replaceAll(/\s+/g, " ")
    .trim()
    .replace(/[.!?]+$/, "")
    .replace(/^(an?|the) /, "")
    .trim();
}

/** 1 where an answer is the expected one, else 0. */
export function exactMatch(expected: string, said: string): 0 | 1 {
  return plainAnswer(expected) === plainAnswer(said) ? 1 : 0;
}

/**
 * How far the words of two answers agree: the harmonic mean of the shares of each one's words that
 * the other has. For definitions, which are right in more than one wording.
 *
 * Source: Rajpurkar et al. 2016, arXiv:1606.05250, section 6.1, "F1".
 *
 * @returns in [0, 1]
 */
export function wordOverlap(expected: string, said: string): number {
  const wanted = wordsOf(expected);
  const given = wordsOf(said);
  if (wanted.length === 0 || given.length === 0) return wanted.length === given.length ? 1 : 0;
  const left = [...wanted];
  let common = 0;
  for (const word of given) {
    const at = left.indexOf(word);
    if (at === -1) continue;
    left.splice(at, 1);
    common++;
  }
  return (2 * common) / (wanted.length + given.length);
}

function wordsOf(text: string): string[] {
  return plainAnswer(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}
