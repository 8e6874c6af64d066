import type { RandomStream } from "../../../framework/base/random.ts";
import { Constraint } from "../../../framework/constrained/constraint.ts";
import { ConstraintError } from "../../../framework/constrained/constraintError.ts";
import { Expressions, type Expression } from "../../../framework/constrained/expressions.ts";
import {
  constrainedVocabulary,
  type ConstrainedVocabulary,
} from "../../../framework/constrained/vocabulary.ts";

export type Build = (make: Expressions) => Expression;

/** All bytes, and some words that JSON has often; the last entry ends a text. */
const words = [
  ...['":', '","', '{"', '"}', "[]", "{}", "null", "true", "false", '":"', "},", "}]", '"a"'],
  ...[
    "name",
    "the",
    " and",
    "ab",
    "abc",
    "aaaa",
    "123",
    "00",
    "0.5",
    "é",
    "ü",
    "\u{1F427}",
    "日本",
  ],
  ...["\\n", '\\"', "\\u00", "<tool_call>", "</tool_call>", "\n"],
];
export const entries: readonly (Uint8Array | undefined)[] = [
  ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
  ...words.map((word) => new TextEncoder().encode(word)),
  undefined,
];
export const endToken: number = entries.length - 1;
export const vocabulary: ConstrainedVocabulary = constrainedVocabulary(entries);

/** Whether a text is one of those that may be said. */
export function allows(build: Build, text: string): boolean {
  const make = new Expressions();
  let state = build(make);
  for (const byte of new TextEncoder().encode(text)) state = make.derivative(state, byte);
  return state.isNullable;
}

/** A text of tokens of which each that is allowed is as likely, within so many tokens. */
export function drawText(given: Build | Constraint, random: RandomStream, room = 120): string {
  const constraint = given instanceof Constraint ? given : new Constraint(vocabulary, given);
  if (constraint.shortest > room) throw new ConstraintError("no room");
  let text = constraint.begin();
  const bytes: number[] = [];
  for (let left = room; ; left--) {
    const mask = left > 0 ? text.allowed(left) : undefined;
    const count = (mask?.count ?? 0) + (text.mayEnd ? 1 : 0);
    let at = Math.floor(random.uniform() * count);
    if (count === 0) throw new Error(`nothing may follow ${Buffer.from(bytes).toString()}`);
    if (!mask || at >= mask.count) return Buffer.from(bytes).toString();
    let token = 0;
    while (!mask.has(token) || at-- > 0) token++;
    bytes.push(...entries[token]!);
    text = text.add(token);
  }
}
