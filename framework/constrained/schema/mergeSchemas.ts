import { isJsonObject, type JsonObject, type JsonValue } from "../../base/json.ts";
import { ConstraintError } from "../constraintError.ts";
import { isAnnotation, typeNames, typesOf, type Schema } from "./keywords.ts";

/** How two values of a keyword become one that asks for both. */
type Merge = (a: JsonValue, b: JsonValue, key: string) => JsonValue;

const larger: Merge = (a, b) => Math.max(Number(a), Number(b));
const smaller: Merge = (a, b) => Math.min(Number(a), Number(b));
const all: Merge = (a, b) => ({ allOf: [a, b] });
const listOf = (value: JsonValue | undefined): JsonValue[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

const merges: Readonly<Record<string, Merge>> = {
  type: (a, b) => {
    const [first, second] = [a, b].map((type) => typesOf({ type }));
    const both = typeNames.filter((name) => {
      const has = (list: readonly string[]): boolean =>
        list.includes(name) || (name === "integer" && list.includes("number"));
      return has(first!) && has(second!);
    });
    return both.includes("number") ? both.filter((name) => name !== "integer") : both;
  },
  ...{ minLength: larger, minItems: larger, minProperties: larger },
  ...{ maxLength: smaller, maxItems: smaller, maxProperties: smaller },
  ...{ minimum: larger, exclusiveMinimum: larger, maximum: smaller, exclusiveMaximum: smaller },
  multipleOf: (a, b) => leastCommonMultiple(Number(a), Number(b)),
  enum: (a, b) => {
    const known = new Set(listOf(b).map((value) => JSON.stringify(value)));
    return listOf(a).filter((value) => known.has(JSON.stringify(value)));
  },
  required: (a, b) => [...new Set([...listOf(a), ...listOf(b)])],
  ...{ items: all, propertyNames: all },
};

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

/**
 * One schema that asks for what two do; neither has `$ref` or `allOf`.
 *
 * @throws {ConstraintError} where they ask for what no single schema says
 */
export function mergeSchemas(first: Schema, second: Schema, place: string): Schema {
  if (first === true) return second;
  if (second === true) return first;
  if (first === false || second === false) return false;
  const [a, b] = [withoutConst(first), withoutConst(second)];
  const merged: JsonObject = { ...a, ...b, ...mergedProperties(a, b) };
  for (const key of Object.keys(a)) {
    const [own, other] = [a[key]!, b[key]];
    if (other === undefined || isAnnotation(key) || objectKeys.has(key)) continue;
    if (JSON.stringify(own) === JSON.stringify(other)) continue;
    const merge = merges[key];
    if (!merge) {
      throw new ConstraintError(`two different values of ${key} have to be met at once`, place);
    }
    merged[key] = merge(own, other, key);
  }
  return listOf(merged["type"]).length === 0 && "type" in merged ? false : merged;
}

const objectKeys: ReadonlySet<string> = new Set(["properties", "additionalProperties"]);

function withoutConst({ const: value, ...schema }: JsonObject): JsonObject {
  if (value === undefined) return schema;
  const own = JSON.stringify(value);
  const isKept =
    schema["enum"] === undefined ||
    listOf(schema["enum"]).some((each) => JSON.stringify(each) === own);
  return { ...schema, enum: isKept ? [value] : [] };
}

/** A property that one schema does not name is what its `additionalProperties` says. */
function mergedProperties(a: JsonObject, b: JsonObject): JsonObject {
  const own = [a, b].map(({ properties }) => (isJsonObject(properties) ? properties : {}));
  const others = [a, b].map(({ additionalProperties }) => additionalProperties);
  const names = new Set(own.flatMap((properties) => Object.keys(properties)));
  const parts = (values: (JsonValue | undefined)[]): JsonValue => {
    const given = values.filter(
      (value): value is JsonValue => value !== undefined && value !== true,
    );
    if (given.includes(false)) return false;
    return given.length === 1 ? given[0]! : { allOf: given };
  };
  const properties = Object.fromEntries(
    [...names].map((name) => [name, parts(own.map((each, i) => each[name] ?? others[i]))]),
  );
  const given = others.filter((other) => other !== undefined);
  return {
    ...(names.size > 0 && { properties }),
    ...(given.length > 0 && {
      additionalProperties: given.every((other) => other === true) ? true : parts(others),
    }),
  };
}
