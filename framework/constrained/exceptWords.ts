import type { Expression, Expressions } from "./expressions.ts";

/**
 * Strings of an expression that are none of some words.
 *
 * @param strings of an expression that uses no rules, such as all that a JSON string may hold
 */
export function exceptWords(
  make: Expressions,
  strings: Expression,
  words: readonly Uint8Array[],
): Expression {
  return make.intersection(strings, withoutWords(make, words));
}

/** All strings of bytes but these. */
function withoutWords(make: Expressions, words: readonly Uint8Array[]): Expression {
  const anything = make.repeat(make.bytes([[0, 255]]));
  if (words.length === 0) return anything;
  const byFirst = new Map<number, Uint8Array[]>();
  for (const word of words) {
    if (word.length === 0) continue;
    const [first = 0] = word;
    byFirst.set(first, [...(byFirst.get(first) ?? []), word.subarray(1)]);
  }
  const other = [...byFirst.keys()].toSorted((a, b) => a - b);
  const free: [number, number][] = [];
  let next = 0;
  for (const byte of [...other, 256]) {
    if (byte > next) free.push([next, byte - 1]);
    next = byte + 1;
  }
  const isEmptyAllowed = words.every(({ length }) => length > 0);
  return make.choice(
    ...(isEmptyAllowed ? [make.empty] : []),
    make.sequence(make.bytes(free), anything),
    ...[...byFirst].map(([byte, rests]) =>
      make.sequence(make.bytes([[byte, byte]]), withoutWords(make, rests)),
    ),
  );
}
