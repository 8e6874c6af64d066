import { InputError } from "../base/errors.ts";

/** A filter cannot be understood. */
export class FilterError extends InputError {
  /** In characters from the filter's start. */
  readonly position: number;

  constructor(problem: string, position: number) {
    super(`Cannot filter runs at character ${position + 1}: ${problem}`);
    this.position = position;
  }
}

/** `name` is a column, `word` one of the language's own, `sign` an operator or bracket. */
export type FilterToken = { readonly position: number; readonly source: string } & (
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "word" | "sign"; readonly text: string }
  | { readonly kind: "end" }
);

const words = new Set(["and", "or", "not", "in", "has", "true", "false", "null", "nan", "inf"]);
const blank = /\s*/y;
const number = /[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\p{L}\p{N}_])/uy;
const infinity = /[-+](?:inf|infinity)\b/iy;
const sign = /<=|>=|==|!=|<>|!~|&&|\|\||[=<>~!(),[\]]/y;
const bareName = /[\p{L}_][\p{L}\p{N}_./:@%$+-]*/uy;
const step = /\(\d+\)/y;
const aspect = /:\w+/y;

/** @throws {FilterError} */
export function readFilterTokens(text: string): FilterToken[] {
  const tokens: FilterToken[] = [];
  for (let position = skip(text, 0); position < text.length;) {
    const token = readToken(text, position);
    tokens.push(token);
    position = skip(text, position + token.source.length);
  }
  return [...tokens, { kind: "end", position: text.length, source: "" }];
}

const skip = (text: string, position: number): number =>
  position + match(blank, text, position)!.length;

function readToken(text: string, position: number): FilterToken {
  const first = text[position]!;
  if (first === '"' || first === "'") {
    const { source, content } = readQuoted(text, position);
    return { kind: "text", text: content, position, source };
  }
  const endless = match(infinity, text, position);
  if (endless !== undefined)
    return {
      kind: "number",
      number: first === "-" ? -Infinity : Infinity,
      position,
      source: endless,
    };
  const digits = match(number, text, position);
  if (digits !== undefined)
    return { kind: "number", number: Number(digits.replaceAll("_", "")), position, source: digits };
  const operator = match(sign, text, position);
  if (operator !== undefined) return { kind: "sign", text: operator, position, source: operator };
  return readName(text, position);
}

/** A bare name, one in backticks, or one whose part after a dot is quoted: `config."odd key"`. */
function readName(text: string, position: number): FilterToken {
  if (text[position] === "`") {
    const { source, content } = readQuoted(text, position);
    return { kind: "name", name: content, position, source };
  }
  let source = match(bareName, text, position);
  if (source === undefined)
    throw new FilterError(
      `expected a column, a value or an operator, got ${text[position]}`,
      position,
    );
  const word = source.toLowerCase();
  if (words.has(word)) return { kind: "word", text: word, position, source };
  let name = source;
  const next = text[position + source.length];
  if (source.endsWith(".") && (next === '"' || next === "'" || next === "`")) {
    const quoted = readQuoted(text, position + source.length);
    const tail = match(aspect, text, position + source.length + quoted.source.length) ?? "";
    source += quoted.source + tail;
    name += quoted.content + tail;
  }
  const at = name.endsWith(":at") ? (match(step, text, position + source.length) ?? "") : "";
  return { kind: "name", name: name + at, position, source: source + at };
}

/** A backslash takes the next character as it is. */
function readQuoted(text: string, start: number): { source: string; content: string } {
  let content = "";
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === text[start]) return { source: text.slice(start, i + 1), content };
    if (text[i] === "\\" && i + 1 < text.length) i++;
    content += text[i];
  }
  throw new FilterError(`expected a closing ${text[start]}, got the end`, text.length);
}

function match(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}
