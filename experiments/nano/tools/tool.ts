import { type JsonObject, type JsonValue, type RandomStream } from "seedbed";

/** JSON schema of one argument. */
export interface ArgumentSchema {
  readonly type: "number" | "integer" | "string" | "array";
  readonly description: string;
  readonly enum?: readonly string[];
  readonly items?: { readonly type: "number" | "string" };
}

/** Every argument is required, and no other is allowed. */
export interface ArgumentsSchema {
  readonly type: "object";
  readonly properties: Readonly<Record<string, ArgumentSchema>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

/** Arguments of one call, and how a person writes those that are written otherwise. */
export interface DrawnCall {
  readonly arguments: JsonObject;
  readonly words?: Readonly<Record<string, string>>;
}

/** A function that a model may call: it can really be run. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly parameters: ArgumentsSchema;
  /** @throws {RangeError} for arguments that have no answer */
  run(given: JsonObject): JsonObject;
  draw(random: RandomStream): DrawnCall;
  /** What a user says who wants the call; `{a}` stands for argument `a`, or its words. */
  readonly asks: readonly string[];
  /** What a user asks next, of the same kind: short, with the arguments that change. */
  readonly then: readonly string[];
  /** What the assistant says with the result, whose entries are `{…}` too. */
  readonly says: readonly string[];
  /** A request that lacks something, and what the assistant asks then. */
  readonly incomplete: readonly { readonly ask: string; readonly question: string }[];
}

interface ToolOptions extends Omit<Tool, "parameters" | "incomplete" | "then"> {
  readonly parameters: Readonly<Record<string, ArgumentSchema>>;
  readonly incomplete?: Tool["incomplete"];
  readonly then?: Tool["then"];
}

export function tool({ parameters, incomplete = [], then = [], ...rest }: ToolOptions): Tool {
  return {
    ...rest,
    incomplete,
    then,
    parameters: {
      type: "object",
      properties: parameters,
      required: Object.keys(parameters),
      additionalProperties: false,
    },
  };
}

export const number = (description: string): ArgumentSchema => ({ type: "number", description });
export const integer = (description: string): ArgumentSchema => ({ type: "integer", description });
export const text = (description: string): ArgumentSchema => ({ type: "string", description });
export const oneOf = (description: string, values: readonly string[]): ArgumentSchema => ({
  type: "string",
  description,
  enum: values,
});
export const numbers = (description: string): ArgumentSchema => ({
  type: "array",
  description,
  items: { type: "number" },
});
export const texts = (description: string): ArgumentSchema => ({
  type: "array",
  description,
  items: { type: "string" },
});

/** An argument that the schema has vouched for. */
export function numberOf(given: JsonObject, key: string): number {
  return Number(given[key]);
}
export function textOf(given: JsonObject, key: string): string {
  return inText(given[key] ?? null);
}
export function numbersOf(given: JsonObject, key: string): number[] {
  return listOf(given, key).map(Number);
}
export function textsOf(given: JsonObject, key: string): string[] {
  return listOf(given, key).map(inText);
}
function listOf(given: JsonObject, key: string): JsonValue[] {
  const list = given[key];
  return Array.isArray(list) ? list : [];
}

function inText(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** At most four digits after the point, so that results read well and are the same everywhere. */
export function rounded(value: number): number {
  return Math.round((value + Number.EPSILON) * 1e4) / 1e4;
}

export function pick<Item>(random: RandomStream, items: readonly Item[]): Item {
  const item = items[random.integer(items.length)];
  if (item !== undefined) return item;
  throw new RangeError("Cannot pick an item: expected some, got none");
}

/** An integer in [from, to]. */
export function between(random: RandomStream, from: number, to: number): number {
  return from + random.integer(to - from + 1);
}

/** `count` different items in random order. */
export function several<Item>(random: RandomStream, items: readonly Item[], count: number): Item[] {
  return Array.from(random.permutation(items.length).slice(0, count), (i) => items[i]!);
}

/** Three to six numbers of up to two digits. */
export function someNumbers(random: RandomStream): number[] {
  return Array.from({ length: between(random, 3, 6) }, () => between(random, 1, 99));
}

/** `a, b and c`. */
export function inWords(items: readonly (string | number)[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/**
 * A template with its `{…}` filled.
 *
 * @throws {RangeError} for a name without a value
 */
export function fill(template: string, values: Readonly<Record<string, JsonValue>>): string {
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) {
      throw new RangeError(`Cannot fill "${template}": expected a value for {${name}}`);
    }
    return Array.isArray(value) ? inWords(value.map(inText)) : inText(value);
  });
  return filled.replace(/^the /, "The ");
}
