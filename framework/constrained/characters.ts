import { Expressions, type ByteRange, type Expression } from "./expressions.ts";

/** Code points `first` to `last`, both included. */
export type CharacterRange = readonly [first: number, last: number];

/** How a text's characters are written: as they are, or inside a JSON string. */
export type Writing = "plain" | "json";

/** All characters that a text may have: no halves of surrogate pairs. */
export const allCharacters: readonly CharacterRange[] = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
];

/** Classes of characters by how they are written and their ranges: schemas have the same again. */
const known = new WeakMap<Expressions, Map<string, Expression>>();

/** Any character inside a JSON string. */
export const jsonCharacter = (make: Expressions): Expression =>
  characters(make, allCharacters, "json");

let base: Expressions | undefined;

/** With any character inside a JSON string, which nearly every form has. */
export function expressionsWithCharacters(): Expressions {
  if (!base) {
    base = new Expressions();
    jsonCharacter(base);
    base.close();
  }
  return new Expressions(base);
}

/** One character of some, as `JSON.stringify` writes it in a string, or in plain UTF-8. */
export function characters(
  make: Expressions,
  ranges: readonly CharacterRange[],
  writing: Writing,
): Expression {
  const key = `${writing} ${ranges.join()}`;
  const ofBase = make.base && known.get(make.base)?.get(key);
  if (ofBase) return ofBase;
  let classes = known.get(make);
  if (!classes) known.set(make, (classes = new Map()));
  let made = classes.get(key);
  if (!made) classes.set(key, (made = makeCharacters(make, ranges, writing)));
  return made;
}

function makeCharacters(
  make: Expressions,
  ranges: readonly CharacterRange[],
  writing: Writing,
): Expression {
  const allowed = overlaps(ranges, allCharacters);
  if (writing === "plain") return make.choiceOf(allowed.flatMap((each) => inUtf8(make, each)));
  const raw = overlaps(allowed, unescaped);
  const escapes = overlaps(allowed, escaped).flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => make.literal(escapeOf(first + i))),
  );
  return make.choiceOf([...raw.flatMap((each) => inUtf8(make, each)), ...escapes]);
}

const escaped: readonly CharacterRange[] = [
  [0, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
];
const unescaped: readonly CharacterRange[] = complement(escaped);

const knownEscapes = new Map<number, Uint8Array>();

/** A character as a JSON string has it, in UTF-8. */
function escapeOf(codePoint: number): Uint8Array {
  let made = knownEscapes.get(codePoint);
  if (!made) {
    const text = JSON.stringify(String.fromCodePoint(codePoint)).slice(1, -1);
    knownEscapes.set(codePoint, (made = new TextEncoder().encode(text)));
  }
  return made;
}

/** The characters that are not in some ranges. */
export function complement(ranges: readonly CharacterRange[]): CharacterRange[] {
  const free: CharacterRange[] = [];
  let next = 0;
  for (const [first, last] of ranges.toSorted(([a], [b]) => a - b)) {
    if (first > next) free.push([next, first - 1]);
    next = Math.max(next, last + 1);
  }
  if (next <= 0x10ffff) free.push([next, 0x10ffff]);
  return free;
}

/** The characters that are in both. */
export function overlaps(
  a: readonly CharacterRange[],
  b: readonly CharacterRange[],
): CharacterRange[] {
  return a.flatMap(([first, last]) =>
    b.flatMap(([from, to]): CharacterRange[] => {
      const [low, high] = [Math.max(first, from), Math.min(last, to)];
      return low <= high ? [[low, high]] : [];
    }),
  );
}

/** Where the number of bytes changes. */
const lengthEnds = [0x7f, 0x7ff, 0xffff, 0x10ffff];

/** Code points in UTF-8, as sequences of ranges of bytes. */
function inUtf8(make: Expressions, [first, last]: CharacterRange): Expression[] {
  const end = lengthEnds.find((each) => first <= each)!;
  if (last > end) return [...inUtf8(make, [first, end]), ...inUtf8(make, [end + 1, last])];
  return splitRange(utf8Of(first), utf8Of(last)).map((ranges) =>
    make.sequence(...ranges.map((range) => make.bytes([range]))),
  );
}

const utf8Of = (codePoint: number): number[] => [
  ...new TextEncoder().encode(String.fromCodePoint(codePoint)),
];

/** Sequences of ranges that together are all byte strings of one length from `low` to `high`. */
function splitRange(low: readonly number[], high: readonly number[]): ByteRange[][] {
  const [a = 0, ...lowRest] = low;
  const [b = 0, ...highRest] = high;
  if (lowRest.length === 0) return [[[a, b]]];
  const isFull = (rest: readonly number[], byte: number): boolean =>
    rest.every((each) => each === byte);
  const before = (head: ByteRange, rest: ByteRange[][]): ByteRange[][] =>
    rest.map((each) => [head, ...each]);
  if (a === b) return before([a, a], splitRange(lowRest, highRest));
  const any = lowRest.map((): ByteRange => [0x80, 0xbf]);
  const parts: ByteRange[][] = [];
  const from = isFull(lowRest, 0x80) ? a : a + 1;
  const to = isFull(highRest, 0xbf) ? b : b - 1;
  if (from > a)
    parts.push(
      ...before(
        [a, a],
        splitRange(
          lowRest,
          any.map(() => 0xbf),
        ),
      ),
    );
  if (from <= to) parts.push([[from, to], ...any]);
  if (to < b)
    parts.push(
      ...before(
        [b, b],
        splitRange(
          any.map(() => 0x80),
          highRest,
        ),
      ),
    );
  return parts;
}
