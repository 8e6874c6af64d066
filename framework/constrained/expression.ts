import type { ByteRange } from "./byteRanges.ts";

/**
 * An automaton beside the expressions, for what these say badly, such as numbers between two bounds.
 * States are texts, equal where the same may follow.
 */
export interface Machine {
  /** Equal of machines that do the same. */
  readonly key: string;
  readonly start: string;
  /** First bytes of kinds: bytes of one are never told apart. */
  readonly kinds: readonly number[];
  /** The state after a byte; undefined where it may not follow. */
  step(state: string, byte: number): string | undefined;
  accepts(state: string): boolean;
  /** Fewest bytes to a state that accepts; infinite where there is none. */
  distance(state: string): number;
}

type Content =
  | { readonly kind: "never" }
  | { readonly kind: "empty" }
  | { readonly kind: "bytes"; readonly ranges: readonly ByteRange[] }
  | { readonly kind: "sequence"; readonly head: Expression; readonly tail: Expression }
  | { readonly kind: "choice"; readonly options: readonly Expression[] }
  | { readonly kind: "intersection"; readonly a: Expression; readonly b: Expression }
  | {
      readonly kind: "repeat";
      readonly item: Expression;
      readonly least: number;
      readonly most: number;
    }
  | { readonly kind: "rule"; readonly name: string }
  | { readonly kind: "machine"; readonly machine: Machine; readonly state: string };

/** A set of byte strings. Of equal content there is one object only. */
export type Expression = Content & {
  /** Greater than those of its parts. */
  readonly id: number;
  /** Whether the empty string is in it. */
  readonly isNullable: boolean;
};

/** Looks at what a rule stands for. */
export type InRule = <Found>(name: string, look: (rule: Expression) => Found) => Found;

/** The options of a choice, those of choices among them in their place; of others, itself. */
export function optionsOf(expression: Expression): readonly Expression[] {
  if (expression.kind !== "choice") return [expression];
  if (!expression.options.some(({ kind }) => kind === "choice")) return expression.options;
  const flat: Expression[] = [];
  const open: Expression[] = [expression];
  for (let next = open.pop(); next; next = open.pop()) {
    if (next.kind === "choice") for (const each of next.options.toReversed()) open.push(each);
    else flat.push(next);
  }
  return flat;
}
