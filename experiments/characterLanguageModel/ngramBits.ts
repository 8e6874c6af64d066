/** Weight of the shorter context's prediction, in occurrences. */
const priorCount = 5;

/**
 * Bits per character of a text by counts of n-grams in another: what a model must beat. Each
 * order's counts are added to what the next shorter one predicts; before all is the uniform
 * distribution.
 *
 * Source: MacKay & Peto 1995, "A hierarchical Dirichlet language model", with fixed weights.
 *
 * @param order characters in a gram: 1 counts characters alone, 3 looks at the two before
 * @param characters how many different ones there are
 */
export function ngramBits(
  train: Int32Array,
  text: Int32Array,
  { order, characters }: { order: number; characters: number },
): number {
  const counts = countGrams(train, order, characters);
  let bits = 0;
  for (let i = 0; i < text.length; i++) {
    let probability = 1 / characters;
    for (let before = 0; before < order && before <= i; before++) {
      const context = keyOf(text, i - before, i, characters);
      const seen = counts[before]!.contexts.get(context) ?? 0;
      const hits = counts[before]!.grams.get(context * characters + text[i]!) ?? 0;
      probability = (hits + priorCount * probability) / (seen + priorCount);
    }
    bits -= Math.log2(probability);
  }
  return bits / text.length;
}

/** How often contexts of one length are followed by anything, and by each character. */
interface Counts {
  contexts: Map<number, number>;
  grams: Map<number, number>;
}

function countGrams(train: Int32Array, order: number, characters: number): Counts[] {
  return Array.from({ length: order }, (_, before) => {
    const counts: Counts = { contexts: new Map(), grams: new Map() };
    for (let i = before; i < train.length; i++) {
      const context = keyOf(train, i - before, i, characters);
      const gram = context * characters + train[i]!;
      counts.contexts.set(context, (counts.contexts.get(context) ?? 0) + 1);
      counts.grams.set(gram, (counts.grams.get(gram) ?? 0) + 1);
    }
    return counts;
  });
}

/** A number of its own for every text of one length; exact up to eight of 80 characters. */
function keyOf(text: Int32Array, start: number, end: number, characters: number): number {
  let key = 0;
  for (let i = start; i < end; i++) key = key * characters + text[i]!;
  return key;
}
