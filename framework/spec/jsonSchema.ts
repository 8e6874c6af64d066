/** The part of JSON Schema (draft 7) that specs are written in. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  /** Of text with a pattern: shown in the pattern's place. */
  readonly examples?: readonly string[];
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** Whether a value from outside may be used as a schema; ajv says what is wrong inside. */
export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Forbids unknown keys in every object of a schema that lists its keys and does not say itself. */
export function closeSchema(schema: JsonSchema): JsonSchema {
  return {
    ...schema,
    ...(schema.properties && {
      additionalProperties: schema.additionalProperties ?? false,
      properties: mapValues(schema.properties, closeSchema),
    }),
    ...(schema.items && { items: closeItems(schema.items) }),
    ...(schema.anyOf && { anyOf: schema.anyOf.map(closeSchema) }),
    ...(schema.oneOf && { oneOf: schema.oneOf.map(closeSchema) }),
  };
}

const isTuple = (items: JsonSchema | readonly JsonSchema[]): items is readonly JsonSchema[] =>
  Array.isArray(items);

const closeItems = (items: JsonSchema | readonly JsonSchema[]): JsonSchema | JsonSchema[] =>
  isTuple(items) ? items.map(closeSchema) : closeSchema(items);

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  fn: (value: T) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fn(value)]));
}

const typeWords: Readonly<Record<string, string>> = {
  boolean: "true or false",
  integer: "an integer",
  number: "a number",
  string: "text",
  null: "null",
  array: "a list",
  object: "a mapping",
};

/** What a schema asks for, in words: `an integer >= 1`, `"norm" or "value"`. */
export function describeSchema(schema: JsonSchema): string {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return either(alternatives.map(describeSchema));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return either(schema.enum.map((value) => JSON.stringify(value)));
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  if (types.length === 0) return schema.properties ? "a mapping" : "anything";
  return either(types.map((type) => describeType(type, schema)));
}

function describeType(type: string, schema: JsonSchema): string {
  const word = typeWords[type] ?? type;
  if (type === "integer" || type === "number") return `${word}${describeRange(schema)}`;
  if (type === "string") return describeText(schema, word);
  return type === "array" ? describeList(schema, word) : word;
}

function describeRange(schema: JsonSchema): string {
  const limits = [
    [">=", schema.minimum],
    [">", schema.exclusiveMinimum],
    ["<=", schema.maximum],
    ["<", schema.exclusiveMaximum],
  ];
  const words = limits.filter(([, limit]) => limit !== undefined).map((limit) => limit.join(" "));
  const multiple = schema.multipleOf === undefined ? "" : `, a multiple of ${schema.multipleOf}`;
  return (words.length > 0 ? ` ${words.join(" and ")}` : "") + multiple;
}

function describeText(schema: JsonSchema, word: string): string {
  const { pattern, minLength = 0, maxLength, examples } = schema;
  if (examples) return `${word} such as ${either(examples.map((each) => JSON.stringify(each)))}`;
  if (pattern !== undefined) return `${word} matching /${pattern}/`;
  if (maxLength !== undefined) return `${word} of ${minLength} to ${maxLength} characters`;
  return minLength > 0 ? `${word} that is not empty` : word;
}

function describeList({ items, minItems = 0, maxItems }: JsonSchema, word: string): string {
  if (items && isTuple(items))
    return `${word} of ${items.length}: ${items.map(describeSchema).join(", ")}`;
  const each = items ? `, each ${describeSchema(items)}` : "";
  if (minItems === 0) return word + each;
  const count = minItems === maxItems ? minItems : `at least ${minItems}`;
  return `${word} of ${count}${each || (minItems === 1 ? " value" : " values")}`;
}

function either(words: readonly string[]): string {
  const distinct = [...new Set(words)];
  if (distinct.length < 2) return distinct.join("");
  return `${distinct.slice(0, -1).join(", ")} or ${distinct.at(-1)}`;
}
