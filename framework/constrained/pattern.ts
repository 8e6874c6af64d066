import { RegExpParser, RegExpSyntaxError, type AST } from "@eslint-community/regexpp";

import {
  allCharacters,
  characters,
  complement,
  type CharacterRange,
  type Writing,
} from "./characters.ts";
import { ConstraintError } from "./constraintError.ts";
import type { Expression, Expressions } from "./expressions.ts";

/** Longest pattern, in characters: what it becomes takes time that grows faster than it does. */
const mostCharacters = 2000;

const parser = new RegExpParser({ ecmaVersion: 2024 });

/**
 * The texts that a JavaScript regular expression finds something in; those that it matches from end
 * to end, if `isWhole`.
 *
 * @throws {ConstraintError} for what is no such expression, or uses what depends on other places:
 *   lookarounds, references to groups, borders of words, anchors in the middle; for one that is too
 *   long
 */
export function patternExpression(
  make: Expressions,
  pattern: string,
  { writing, isWhole = false, place = "" }: PatternOptions,
): Expression {
  const refuse = (problem: string): ConstraintError =>
    new ConstraintError(`pattern ${JSON.stringify(pattern)}: ${problem}`, place);
  if (pattern.length > mostCharacters) {
    throw new ConstraintError(
      `expected a pattern of at most ${mostCharacters} characters, got ${pattern.length}`,
      place,
    );
  }
  let parsed: AST.Pattern;
  try {
    parsed = parser.parsePattern(pattern, 0, pattern.length, { unicode: true });
  } catch (cause) {
    if (cause instanceof RegExpSyntaxError) throw refuse(cause.message);
    throw cause;
  }
  const reader = new PatternReader(make, writing, refuse);
  return make.choice(...parsed.alternatives.map((each) => reader.whole(each, isWhole)));
}

export interface PatternOptions {
  readonly writing: Writing;
  /** Whether nothing may be around what it finds. Default: false. */
  readonly isWhole?: boolean;
  /** Of the pattern in a schema, for messages. */
  readonly place?: string;
}

type Refuse = (problem: string) => ConstraintError;

class PatternReader {
  readonly #make: Expressions;
  readonly #writing: Writing;
  readonly #refuse: Refuse;

  constructor(make: Expressions, writing: Writing, refuse: Refuse) {
    this.#make = make;
    this.#writing = writing;
    this.#refuse = refuse;
  }

  /** An alternative of the whole pattern, whose ends may be anchored. */
  whole({ elements }: AST.Alternative, isWhole: boolean): Expression {
    const isEdge = (element: AST.Element | undefined, kind: "start" | "end"): boolean =>
      element?.type === "Assertion" && element.kind === kind;
    const starts = isEdge(elements[0], "start");
    const ends = isEdge(elements.at(-1), "end") && elements.length > (starts ? 1 : 0);
    const inner = elements.slice(starts ? 1 : 0, ends ? -1 : undefined);
    const around = this.#make.repeat(this.#characters(allCharacters));
    return this.#make.sequence(
      starts || isWhole ? this.#make.empty : around,
      ...inner.map((element) => this.#element(element)),
      ends || isWhole ? this.#make.empty : around,
    );
  }

  #alternatives(alternatives: readonly AST.Alternative[]): Expression {
    return this.#make.choice(
      ...alternatives.map(({ elements }) =>
        this.#make.sequence(...elements.map((element) => this.#element(element))),
      ),
    );
  }

  #element(element: AST.Element): Expression {
    switch (element.type) {
      case "Group":
      case "CapturingGroup":
        return this.#alternatives(element.alternatives);
      case "Quantifier":
        return this.#make.repeat(this.#element(element.element), element.min, element.max);
      case "Character":
      case "CharacterSet":
      case "CharacterClass":
        return this.#characters(this.#ranges(element));
      case "Assertion":
        throw this.#refuse(`expected none of the assertions inside it, got ${element.raw}`);
      case "Backreference":
        throw this.#refuse(`expected no reference to a group, got ${element.raw}`);
      case "ExpressionCharacterClass":
        throw this.#refuse(`expected what is regular, got ${element.raw}`);
      default:
        return element satisfies never;
    }
  }

  #characters(ranges: readonly CharacterRange[]): Expression {
    return characters(this.#make, ranges, this.#writing);
  }

  #ranges(element: AST.Character | AST.CharacterSet | AST.CharacterClass): CharacterRange[] {
    switch (element.type) {
      case "Character":
        return [[element.value, element.value]];
      case "CharacterSet":
        return this.#rangesOfSet(element);
      case "CharacterClass": {
        const inside = element.elements.flatMap((each): CharacterRange[] => {
          if (each.type === "Character" || each.type === "CharacterSet") return this.#ranges(each);
          if (each.type === "CharacterClassRange") return [[each.min.value, each.max.value]];
          throw this.#refuse(`expected a class of characters and ranges, got ${element.raw}`);
        });
        return element.negate ? complement(inside) : inside;
      }
      default:
        return element satisfies never;
    }
  }

  #rangesOfSet(set: AST.CharacterSet): CharacterRange[] {
    if (set.kind === "any") return complement(lineEnds);
    if (set.kind === "property") return rangesOfClass(this.#make, set.raw);
    const found = rangesOfClass(this.#make, `\\${{ digit: "d", space: "s", word: "w" }[set.kind]}`);
    return set.negate ? complement(found) : found;
  }
}

const lineEnds: readonly CharacterRange[] = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];

/** Those that are known are not looked for. Source: ECMA-262, CharacterClassEscape. */
const knownClasses = new Map<string, CharacterRange[]>([
  ["\\d", [[0x30, 0x39]]],
  [
    "\\w",
    [
      [0x30, 0x39],
      [0x41, 0x5a],
      [0x5f, 0x5f],
      [0x61, 0x7a],
    ],
  ],
  [
    "\\s",
    [
      [0x09, 0x0d],
      [0x20, 0x20],
      [0xa0, 0xa0],
      [0x1680, 0x1680],
      [0x2000, 0x200a],
      [0x2028, 0x2029],
      [0x202f, 0x202f],
      [0x205f, 0x205f],
      [0x3000, 0x3000],
      [0xfeff, 0xfeff],
    ],
  ],
]);

/** What looking through all characters takes, in expressions that could be made meanwhile. */
const classCost = 10_000;

/** The characters of a class, by having JavaScript look for them in all that there are. */
function rangesOfClass(make: Expressions, raw: string): CharacterRange[] {
  const known = knownClasses.get(raw);
  if (known) return known;
  make.charge(classCost);
  const runs = new RegExp(`${raw}+`, "gu");
  const ranges: [number, number][] = [];
  for (const [first, last] of allCharacters) {
    for (let start = first; start <= last; start += chunk) {
      const text = textFrom(start, Math.min(last, start + chunk - 1));
      for (const { 0: run, index } of text.matchAll(runs)) {
        const from = text.codePointAt(index)!;
        const length = from > 0xffff ? run.length / 2 : run.length;
        const before = ranges.at(-1);
        if (before?.[1] === from - 1) before[1] = from + length - 1;
        else ranges.push([from, from + length - 1]);
      }
    }
  }
  knownClasses.set(raw, ranges);
  return ranges;
}

function textFrom(first: number, last: number): string {
  const codes = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return String.fromCodePoint(...codes);
}

/** Code points that are looked through at a time; a divisor of 65,536, so that all are of one length. */
const chunk = 4096;
