import type { JsonObject, JsonValue } from "../../../../framework/base/json.ts";
import type { RandomStream } from "../../../../framework/base/random.ts";

/** A schema by chance, of all that is supported; something fits each. */
export function drawSchema(random: RandomStream, depth = 0): JsonObject {
  const makers = [...leaves, ...(depth < 3 ? nests : [])];
  return pick(random, makers)(random, depth);
}

type Maker = (random: RandomStream, depth: number) => JsonObject;

const below = (random: RandomStream, count: number): number => Math.floor(random.uniform() * count);
const pick = <Item>(random: RandomStream, items: readonly Item[]): Item =>
  items[below(random, items.length)]!;
const chance = (random: RandomStream): boolean => random.uniform() < 0.5;
const some = <Item>(random: RandomStream, most: number, make: (i: number) => Item): Item[] =>
  Array.from({ length: 1 + below(random, most) }, (_, i) => make(i));

const patterns = ["^[a-z]+$", "^\\d{3}-\\d{4}$", "x", "^(yes|no)$", "^[^\\n]{0,4}$", "\\u00e9$"];
const formats = ["date", "time", "date-time", "email", "ipv4", "uuid", "duration", "hostname"];
const names = ["a", "b", "name", "value", "items", 'q"uote', "é", "next step"];
const constants: JsonValue[] = [
  "a",
  "",
  0,
  -1.5,
  null,
  true,
  [1, "x"],
  { k: null },
  "\n\\",
  "日本",
];

const leaves: readonly Maker[] = [
  () => ({ type: "null" }),
  () => ({ type: "boolean" }),
  (random) => ({ enum: some(random, 4, () => pick(random, constants)) }),
  (random) => ({ const: pick(random, constants) }),
  (random) => {
    const least = below(random, 5);
    return {
      type: "string",
      ...(chance(random) && { minLength: least }),
      ...(chance(random) && { maxLength: least + below(random, 6) }),
    };
  },
  (random) => ({ type: "string", pattern: pick(random, patterns) }),
  (random) => ({ type: "string", format: pick(random, formats) }),
  (random) => {
    const least = below(random, 400) - 200;
    return {
      type: chance(random) ? "integer" : "number",
      ...(chance(random) && { [chance(random) ? "minimum" : "exclusiveMinimum"]: least }),
      ...(chance(random) && { [chance(random) ? "maximum" : "exclusiveMaximum"]: least + 20 }),
      ...(random.uniform() < 0.3 && { multipleOf: 1 + below(random, 9) }),
    };
  },
  (random) => ({
    type: "number",
    minimum: below(random, 10) / 8,
    exclusiveMaximum: 2 + below(random, 10) / 8,
  }),
];

const nests: readonly Maker[] = [
  (random, depth) => {
    const least = below(random, 3);
    return {
      type: "array",
      items: drawSchema(random, depth + 1),
      ...(chance(random) && { minItems: least }),
      ...(chance(random) && { maxItems: least + below(random, 3) }),
    };
  },
  (random, depth) => ({
    type: "array",
    prefixItems: some(random, 3, () => drawSchema(random, depth + 1)),
    items: chance(random) ? false : drawSchema(random, depth + 1),
  }),
  (random, depth) => {
    const own = [...new Set(some(random, 4, () => pick(random, names)))];
    return {
      type: "object",
      properties: Object.fromEntries(own.map((name) => [name, drawSchema(random, depth + 1)])),
      required: own.filter(() => chance(random)),
      ...(chance(random) && {
        additionalProperties: chance(random) ? false : drawSchema(random, depth + 1),
      }),
    };
  },
  (random, depth) => ({
    type: "object",
    additionalProperties: drawSchema(random, depth + 1),
    ...(chance(random) && { maxProperties: 2 }),
  }),
  (random, depth) => ({ anyOf: some(random, 3, () => drawSchema(random, depth + 1)) }),
  (random, depth) => ({ allOf: [{}, drawSchema(random, depth + 1)] }),
  (random, depth) => ({
    $defs: { own: drawSchema(random, 3) },
    type: "array",
    items: drawSchema(random, depth + 1),
    maxItems: 2,
  }),
];
