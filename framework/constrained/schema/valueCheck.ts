import { isDeepStrictEqual } from "node:util";

import { isJsonObject, type JsonObject, type JsonValue } from "../../base/json.ts";
import { ConstraintError } from "../constraintError.ts";
import type { Expression, Expressions } from "../expressions.ts";
import { patternExpression } from "../pattern.ts";
import { checkKeywords, type CheckedSchema, type Schema, type TypeName } from "./keywords.ts";

/** Finds the schema that a reference names. */
export type FindSchema = (reference: string, place: string) => Schema;

/** Deepest nesting of schemas, references followed, that values are held against. */
const deepest = 500;

/** So many characters are looked at while an expression is made, or so. */
const charactersAtOnce = 16;

/**
 * Says whether values fit schemas, whoever has written them: no pattern is run but as an expression,
 * whose time does not grow faster than the text, and all work is counted with that of `make`. Formats
 * say nothing of a value that stands there already.
 */
export class ValueCheck {
  readonly #make: Expressions;
  readonly #find: FindSchema;
  readonly #known = new Map<JsonObject, CheckedSchema>();
  readonly #lengths = new Map<object, number>();
  readonly #patterns = new Map<string, Expression>();

  constructor(make: Expressions, find: FindSchema) {
    this.#make = make;
    this.#find = find;
  }

  /**
   * @param place of the schema, as a JSON pointer
   * @throws {ConstraintError} for keywords that are not followed, where they are come to, and for
   *   what takes long
   */
  fits(value: JsonValue, schema: Schema, place: string, depth = 0): boolean {
    this.#make.charge(1);
    if (typeof schema === "boolean") return schema;
    if (depth > deepest) {
      const problem = `expected schemas of at most ${deepest} levels, references followed, to hold values of enum or const against`;
      throw new ConstraintError(problem, place);
    }
    const checked = this.#checked(schema, place);
    const within = (given: Schema, key: string, inner = value): boolean =>
      this.fits(inner, given, `${place}/${key}`, depth + 1);
    return (
      this.#isListed(value, checked) &&
      hasType(value, checked.type) &&
      this.#meetsApplicators(value, checked, place, depth) &&
      (typeof value !== "number" || isWithin(value, checked)) &&
      (typeof value !== "string" || this.#fitsText(value, checked, place)) &&
      (!Array.isArray(value) || fitsList(value, checked, within)) &&
      (!isJsonObject(value) || this.#fitsObject(value, checked, within))
    );
  }

  #checked(schema: JsonObject, place: string): CheckedSchema {
    const known = this.#known.get(schema);
    if (known) return known;
    checkKeywords(schema, place);
    this.#known.set(schema, schema);
    return schema;
  }

  #isListed(value: JsonValue, { enum: list, const: only }: CheckedSchema): boolean {
    if (list || only !== undefined) this.#charge(value, list?.length ?? 1);
    return (
      (only === undefined || isDeepStrictEqual(value, only)) &&
      (list?.some((each) => isDeepStrictEqual(value, each)) ?? true)
    );
  }

  #meetsApplicators(
    value: JsonValue,
    { $ref, allOf = [], anyOf, oneOf = [] }: CheckedSchema,
    place: string,
    depth: number,
  ): boolean {
    const fits = (key: string) => (given: Schema, i: number) =>
      this.fits(value, given, `${place}/${key}/${i}`, depth + 1);
    return (
      ($ref === undefined || this.fits(value, this.#find($ref, place), $ref, depth + 1)) &&
      allOf.every(fits("allOf")) &&
      (anyOf?.some(fits("anyOf")) ?? true) &&
      (oneOf.length === 0 || oneOf.filter(fits("oneOf")).length === 1)
    );
  }

  #fitsText(
    text: string,
    { minLength = 0, maxLength = Infinity, pattern }: CheckedSchema,
    place: string,
  ): boolean {
    if (minLength > 0 || maxLength < Infinity) {
      this.#charge(text);
      const length = Array.from(text).length;
      if (length < minLength || length > maxLength) return false;
    }
    return pattern === undefined || this.#matches(text, pattern, place);
  }

  #matches(text: string, pattern: string, place: string): boolean {
    const make = this.#make;
    let state = this.#patterns.get(pattern);
    if (!state) {
      state = patternExpression(make, pattern, { writing: "plain", place });
      this.#patterns.set(pattern, state);
    }
    this.#charge(text);
    for (const byte of new TextEncoder().encode(text)) {
      state = make.derivative(state, byte);
      if (state === make.never) return false;
    }
    return state.isNullable;
  }

  #fitsObject(object: JsonObject, schema: CheckedSchema, within: Within): boolean {
    this.#charge(object);
    return fitsObject(object, schema, within);
  }

  /** Counts what it takes to look so many times at all of a value. */
  #charge(value: JsonValue, times = 1): void {
    this.#make.charge(times * Math.ceil(this.#lengthOf(value) / charactersAtOnce));
  }

  #lengthOf(value: JsonValue): number {
    if (typeof value === "string") return value.length;
    if (typeof value !== "object" || value === null) return 1;
    const known = this.#lengths.get(value);
    if (known !== undefined) return known;
    const { length } = JSON.stringify(value);
    this.#lengths.set(value, length);
    return length;
  }
}

/** Holds a value, or what is in it, against the schema of a keyword. */
type Within = (schema: Schema, key: string, inner?: JsonValue) => boolean;

function hasType(value: JsonValue, type: TypeName | TypeName[] | undefined): boolean {
  if (type === undefined) return true;
  const own = typeOf(value);
  return [type]
    .flat()
    .some((each) => each === own || (each === "integer" && Number.isInteger(value)));
}

function typeOf(value: JsonValue): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function isWithin(
  value: number,
  {
    minimum = -Infinity,
    maximum = Infinity,
    exclusiveMinimum = -Infinity,
    exclusiveMaximum = Infinity,
    multipleOf,
  }: CheckedSchema,
): boolean {
  const isBetween = value >= minimum && value <= maximum;
  const isInside = value > exclusiveMinimum && value < exclusiveMaximum;
  return isBetween && isInside && (multipleOf === undefined || value % multipleOf === 0);
}

function fitsList(
  list: readonly JsonValue[],
  { prefixItems = [], items = true, minItems = 0, maxItems = Infinity }: CheckedSchema,
  fits: Within,
): boolean {
  if (list.length < minItems || list.length > maxItems) return false;
  return list.every((item, i) => {
    const own = prefixItems[i];
    return own === undefined ? fits(items, "items", item) : fits(own, `prefixItems/${i}`, item);
  });
}

function fitsObject(
  object: JsonObject,
  {
    properties = {},
    additionalProperties = true,
    propertyNames = true,
    required = [],
    minProperties = 0,
    maxProperties = Infinity,
  }: CheckedSchema,
  fits: Within,
): boolean {
  const members = Object.entries(object);
  if (members.length < minProperties || members.length > maxProperties) return false;
  if (!required.every((name) => Object.hasOwn(object, name))) return false;
  return members.every(([name, value]) => {
    if (!fits(propertyNames, "propertyNames", name)) return false;
    return Object.hasOwn(properties, name)
      ? fits(properties[name]!, `properties/${name}`, value)
      : fits(additionalProperties, "additionalProperties", value);
  });
}
