import { isJsonObject, type JsonObject } from "../../base/json.ts";
import { typesOf, type Schema } from "./keywords.ts";

/**
 * Whether it is plain that no value fits two of some schemas. What each says is found once: there may be
 * hundreds of them, of thousands of values.
 */
export function areApart(schemas: readonly Schema[]): boolean {
  const facts = schemas.filter((each) => each !== false).map(factsOf);
  return facts.every((a, i) => facts.slice(i + 1).every((b) => areTwoApart(a, b)));
}

/** What is plain of the values that fit a schema. */
interface Facts {
  /** All of them, as JSON. */
  readonly values?: ReadonlySet<string> | undefined;
  /** Kinds that they are of; integers are numbers, and undefined is anything. */
  readonly types?: ReadonlySet<string> | undefined;
  /** If they are objects: values of properties that they all have, by names. */
  readonly constants: ReadonlyMap<string, ReadonlySet<string>>;
}

function areTwoApart(a: Facts, b: Facts): boolean {
  if (a.values && b.values) return isDisjoint(a.values, b.values);
  if (a.types && b.types && isDisjoint(a.types, b.types)) return true;
  return [...a.constants].some(([name, values]) => {
    const other = b.constants.get(name);
    return other !== undefined && isDisjoint(values, other);
  });
}

function isDisjoint(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const each of a) if (b.has(each)) return false;
  return true;
}

function factsOf(schema: true | JsonObject): Facts {
  if (schema === true) return { constants: new Map() };
  const values = valuesOf(schema);
  return { values, types: typesOfValues(schema, values), constants: constantsOf(schema) };
}

function typesOfValues(
  schema: JsonObject,
  values: ReadonlySet<string> | undefined,
): ReadonlySet<string> | undefined {
  if (values) return new Set([...values].map((value) => typeOf(JSON.parse(value))));
  if (schema["type"] === undefined) return undefined;
  return new Set(typesOf(schema).map((type) => (type === "integer" ? "number" : type)));
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function constantsOf({ type, required, properties }: JsonObject): Map<string, Set<string>> {
  const names = type === "object" && Array.isArray(required) ? required.map(String) : [];
  const found = new Map<string, Set<string>>();
  for (const name of names) {
    const property = isJsonObject(properties) ? properties[name] : undefined;
    const values = isJsonObject(property) ? valuesOf(property) : undefined;
    if (values) found.set(name, values);
  }
  return found;
}

function valuesOf({ const: value, enum: values }: JsonObject): Set<string> | undefined {
  if (value !== undefined) return new Set([JSON.stringify(value)]);
  if (!Array.isArray(values)) return undefined;
  return new Set(values.map((each) => JSON.stringify(each)));
}
