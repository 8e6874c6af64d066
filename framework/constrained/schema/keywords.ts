import { isJsonObject, type JsonObject, type JsonValue } from "../../base/json.ts";
import { ConstraintError } from "../constraintError.ts";

export type Schema = boolean | JsonObject;

/** Keywords whose values are of the right kind. */
export interface Keywords {
  type?: TypeName | TypeName[];
  enum?: JsonValue[];
  const?: JsonValue;
  $ref?: string;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  items?: Schema;
  prefixItems?: Schema[];
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema;
  propertyNames?: Schema;
  minProperties?: number;
  maxProperties?: number;
}

/** A schema that `checkKeywords` has seen. */
export type CheckedSchema = JsonObject & Keywords;

export type TypeName = "null" | "boolean" | "string" | "integer" | "number" | "object" | "array";

export const typeNames: readonly TypeName[] = [
  ...(["null", "boolean", "string", "integer", "number", "object", "array"] as const),
];

/** Say nothing about what is valid. */
const annotations: ReadonlySet<string> = new Set([
  ...["title", "description", "default", "example", "examples", "$comment", "$schema", "$id"],
  ...["deprecated", "readOnly", "writeOnly", "$defs", "definitions"],
  ...["contentMediaType", "contentEncoding"],
]);

/** Keywords of one type, each with that type. */
const typeOfKeyword: ReadonlyMap<string, TypeName> = new Map([
  ...["minLength", "maxLength", "pattern", "format"].map((key) => [key, "string"] as const),
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"].map(
    (key) => [key, "number"] as const,
  ),
  ...["properties", "required", "additionalProperties", "propertyNames"].map(
    (key) => [key, "object"] as const,
  ),
  ...["minProperties", "maxProperties"].map((key) => [key, "object"] as const),
  ...["items", "prefixItems", "minItems", "maxItems"].map((key) => [key, "array"] as const),
]);

const applicators: ReadonlySet<string> = new Set(["anyOf", "oneOf", "allOf", "$ref"]);
const values: ReadonlySet<string> = new Set(["type", "enum", "const"]);

export const isAnnotation = (key: string): boolean => annotations.has(key);

/** A schema's keywords but annotations. */
export function keywordsOf(schema: JsonObject): string[] {
  return Object.keys(schema).filter((key) => !isAnnotation(key));
}

/** @throws {ConstraintError} for keywords that are not followed, and values of a wrong kind */
export function checkKeywords(schema: JsonObject, place: string): asserts schema is CheckedSchema {
  for (const key of keywordsOf(schema)) {
    if (typeOfKeyword.has(key) || applicators.has(key) || values.has(key)) continue;
    throw new ConstraintError(`keyword ${JSON.stringify(key)} is not supported`, place);
  }
  for (const [key, check] of Object.entries(checks)) {
    const value = schema[key];
    if (value === undefined || check.test(value)) continue;
    throw new ConstraintError(
      `expected ${key} to be ${check.expected}, got ${JSON.stringify(value)}`,
      place,
    );
  }
}

interface Check {
  readonly expected: string;
  readonly test: (value: JsonValue) => boolean;
}

const isSchema = (value: JsonValue): boolean => typeof value === "boolean" || isJsonObject(value);
const isName = (value: JsonValue): boolean => typeof value === "string";

const count: Check = {
  expected: "an integer of 0 or more",
  test: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
};
const number: Check = { expected: "a number", test: (value) => typeof value === "number" };
const text: Check = { expected: "a string", test: isName };
const schema: Check = { expected: "a schema", test: isSchema };
const schemas: Check = {
  expected: "a list of one or more schemas",
  test: (value) => Array.isArray(value) && value.length > 0 && value.every(isSchema),
};

const checks: Readonly<Record<string, Check>> = {
  type: {
    expected: `one or more of ${typeNames.join(", ")}`,
    test: (value) => {
      const list = Array.isArray(value) ? value : [value];
      return list.length > 0 && list.every((each) => typeNames.some((name) => name === each));
    },
  },
  enum: {
    expected: "a list of one or more values",
    test: (value) => Array.isArray(value) && value.length > 0,
  },
  ...{ minLength: count, maxLength: count, pattern: text, format: text, $ref: text },
  ...{ minItems: count, maxItems: count, minProperties: count, maxProperties: count },
  ...{ minimum: number, maximum: number, exclusiveMinimum: number, exclusiveMaximum: number },
  multipleOf: {
    expected: "an integer above 0",
    test: (value) => Number.isSafeInteger(value) && Number(value) > 0,
  },
  ...{ anyOf: schemas, oneOf: schemas, allOf: schemas },
  ...{ items: schema, additionalProperties: schema, propertyNames: schema },
  prefixItems: schemas,
  properties: {
    expected: "an object of schemas",
    test: (value) => isJsonObject(value) && Object.values(value).every(isSchema),
  },
  required: {
    expected: "a list of names",
    test: (value) => Array.isArray(value) && value.every(isName),
  },
};

/** The types that a schema is about: its own, or those of its keywords, or all. */
export function typesOf(given: JsonObject): TypeName[] {
  const { type } = given;
  if (type !== undefined) {
    const list: JsonValue[] = Array.isArray(type) ? type : [type];
    const own = typeNames.filter((name) => list.includes(name));
    return own.includes("number") ? own.filter((name) => name !== "integer") : own;
  }
  const implied = new Set(keywordsOf(given).flatMap((key) => typeOfKeyword.get(key) ?? []));
  const wanted = typeNames.filter((name) => implied.has(name));
  return wanted.length > 0 ? wanted : typeNames.filter((name) => name !== "integer");
}
