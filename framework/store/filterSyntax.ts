import { FilterError, readFilterTokens, type FilterToken } from "./filterTokens.ts";
import type { Cell } from "./indexedRun.ts";

export type Comparison = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "has";

/** What a comparison looks at. */
export type FilterOperand =
  | { readonly kind: "column"; readonly name: string; readonly position: number }
  | { readonly kind: "value"; readonly value: Cell };

/** A filter, taken apart. */
export type FilterNode =
  | { readonly kind: "all" }
  | { readonly kind: "and" | "or"; readonly parts: readonly FilterNode[] }
  | { readonly kind: "not"; readonly part: FilterNode }
  | {
      readonly kind: "compare";
      readonly comparison: Comparison;
      readonly left: FilterOperand;
      readonly right: FilterOperand;
    }
  | { readonly kind: "in"; readonly left: FilterOperand; readonly values: readonly Cell[] }
  /** An operand alone: a column that is true, or a text to be found anywhere in a run's words. */
  | { readonly kind: "alone"; readonly operand: FilterOperand };

const longest = 10_000;
const deepest = 100;

/**
 * Takes a filter apart:
 *
 *     filter     = [ or ]
 *     or         = and { ("or" | "||") and }
 *     and        = not { ("and" | "&&") not }
 *     not        = ("not" | "!") not | comparison
 *     comparison = "(" or ")" | operand [ sign operand | ["not"] "in" list | ["not"] "has" operand ]
 *     sign       = "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=" | "~" | "!~"
 *     list       = "[" [ value { "," value } ] "]" | "(" value { "," value } ")"
 *     operand    = column | value
 *     value      = number | text | "true" | "false" | "null" | "nan" | "inf"
 *
 * @throws {FilterError}
 */
export function parseFilter(text: string): FilterNode {
  if (text.length > longest)
    throw new FilterError(`expected at most ${longest} characters, got ${text.length}`, longest);
  return new Parser(readFilterTokens(text)).filter();
}

const signs = new Map<string, { comparison: Comparison; isNegated?: true }>([
  ["=", { comparison: "=" }],
  ["==", { comparison: "=" }],
  ["!=", { comparison: "!=" }],
  ["<>", { comparison: "!=" }],
  ["<", { comparison: "<" }],
  ["<=", { comparison: "<=" }],
  [">", { comparison: ">" }],
  [">=", { comparison: ">=" }],
  ["~", { comparison: "~" }],
  ["!~", { comparison: "~", isNegated: true }],
]);

class Parser {
  readonly #tokens: readonly FilterToken[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly FilterToken[]) {
    this.#tokens = tokens;
  }

  filter(): FilterNode {
    if (this.#peek().kind === "end") return { kind: "all" };
    const node = this.#or();
    if (this.#peek().kind !== "end") this.#fail('expected "and", "or" or the end');
    return node;
  }

  #or(): FilterNode {
    if (++this.#depth > deepest) this.#fail(`expected at most ${deepest} nested parts`);
    const parts = [this.#and()];
    while (this.#take("or", "||")) parts.push(this.#and());
    this.#depth--;
    return parts.length === 1 ? parts[0]! : { kind: "or", parts };
  }

  #and(): FilterNode {
    const parts = [this.#not()];
    while (this.#take("and", "&&")) parts.push(this.#not());
    return parts.length === 1 ? parts[0]! : { kind: "and", parts };
  }

  #not(): FilterNode {
    let isNegated = false;
    while (this.#take("not", "!")) isNegated = !isNegated;
    const part = this.#comparison();
    return isNegated ? { kind: "not", part } : part;
  }

  #comparison(): FilterNode {
    if (this.#take("(")) {
      const node = this.#or();
      this.#expect(")");
      return node;
    }
    const left = this.#operand("a column or a value");
    const isNegated = this.#take("not");
    const token = this.#peek();
    const sign = token.kind === "sign" && !isNegated ? signs.get(token.text) : undefined;
    if (sign) this.#next++;
    if (this.#take("in")) return negate({ kind: "in", left, values: this.#list() }, isNegated);
    const { comparison } = sign ?? (this.#take("has") ? { comparison: "has" as const } : {});
    if (comparison === undefined && isNegated) this.#fail('expected "in" or "has" after "not"');
    if (comparison === undefined) return { kind: "alone", operand: left };
    const right = this.#operand("a value or a column");
    return negate(
      { kind: "compare", comparison, left, right },
      isNegated || sign?.isNegated === true,
    );
  }

  #list(): Cell[] {
    const close = this.#take("[") ? "]" : ")";
    if (close === ")") this.#expect("(", 'a list such as ["running", "failed"]');
    const values: Cell[] = [];
    while (!this.#take(close)) {
      if (values.length > 0) this.#expect(",");
      values.push(this.#value("a value"));
    }
    return values;
  }

  #operand(expected: string): FilterOperand {
    const token = this.#peek();
    if (token.kind !== "name") return { kind: "value", value: this.#value(expected) };
    this.#next++;
    return { kind: "column", name: token.name, position: token.position };
  }

  #value(expected: string): Cell {
    const token = this.#peek();
    const value = literal(token);
    if (value === undefined && token.kind === "name")
      this.#fail(`expected ${expected}; put text in quotes: "${token.source}"`);
    if (value === undefined) this.#fail(`expected ${expected}`);
    this.#next++;
    return value;
  }

  #peek(): FilterToken {
    return this.#tokens[this.#next]!;
  }

  /** Whether one of these is next; it is passed then. */
  #take(...texts: readonly string[]): boolean {
    const token = this.#peek();
    const isTaken = (token.kind === "sign" || token.kind === "word") && texts.includes(token.text);
    if (isTaken) this.#next++;
    return isTaken;
  }

  #expect(text: string, expected = `"${text}"`): void {
    if (!this.#take(text)) this.#fail(`expected ${expected}`);
  }

  #fail(expected: string): never {
    const { source, position } = this.#peek();
    throw new FilterError(`${expected}, got ${source === "" ? "the end" : source}`, position);
  }
}

const negate = (part: FilterNode, isNegated: boolean): FilterNode =>
  isNegated ? { kind: "not", part } : part;

/** Undefined for a token that is no value. */
function literal(token: FilterToken): Cell | undefined {
  if (token.kind === "number") return token.number;
  if (token.kind === "text") return token.text;
  if (token.kind !== "word") return undefined;
  const values: Record<string, Cell> = {
    true: true,
    false: false,
    null: null,
    nan: NaN,
    inf: Infinity,
  };
  return values[token.text];
}
