import { isJsonObject, type JsonObject } from "../../base/json.ts";
import { typesOf, type Schema } from "./keywords.ts";

/** Whether it is plain that no value fits two of some schemas. */
export function areApart(schemas: readonly Schema[]): boolean {
  return schemas.every((a, i) => schemas.slice(i + 1).every((b) => areTwoApart(a, b)));
}

function areTwoApart(a: Schema, b: Schema): boolean {
  if (a === false || b === false) return true;
  if (a === true || b === true) return false;
  const [ofA, ofB] = [valuesOf(a), valuesOf(b)];
  if (ofA && ofB) return !ofA.some((value) => ofB.includes(value));
  const [first, second] = [typesOfValues(a), typesOfValues(b)];
  if (first && second && !first.some((type) => second.includes(type))) return true;
  return haveOtherConstants(a, b);
}

/** What a value can be; integers are numbers, and undefined is anything. */
function typesOfValues(schema: JsonObject): string[] | undefined {
  const values = valuesOf(schema);
  if (values) return values.map((value) => typeOf(JSON.parse(value)));
  if (schema["type"] === undefined) return undefined;
  return typesOf(schema).map((type) => (type === "integer" ? "number" : type));
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** Whether a property that both objects need has different constants. */
function haveOtherConstants(a: JsonObject, b: JsonObject): boolean {
  const isObject = [a, b].every(({ type }) => type === "object");
  const needed = [a, b].map(({ required }) => (Array.isArray(required) ? required : []));
  const names = needed[0]!.filter((name) => needed[1]!.includes(name)).map(String);
  return (
    isObject &&
    names.some((name) => {
      const [first, second] = [a, b].map((schema) => constantsOf(schema, name));
      return first && second && !first.some((value) => second.includes(value));
    })
  );
}

function constantsOf({ properties }: JsonObject, name: string): string[] | undefined {
  const property = isJsonObject(properties) ? properties[name] : undefined;
  return isJsonObject(property) ? valuesOf(property) : undefined;
}

function valuesOf(schema: JsonObject): string[] | undefined {
  const { const: value, enum: values } = schema;
  if (value !== undefined) return [JSON.stringify(value)];
  return Array.isArray(values) ? values.map((each) => JSON.stringify(each)) : undefined;
}
