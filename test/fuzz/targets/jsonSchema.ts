import { isJsonObject } from "../../../framework/base/json.ts";
import { Constraint } from "../../../framework/constrained/constraint.ts";
import { jsonOf } from "../../../framework/constrained/texts.ts";
import { constrainedVocabulary } from "../../../framework/constrained/vocabulary.ts";
import { parseBounded } from "../../../framework/serve/boundedJson.ts";
import { inputText, textInput, type FuzzTarget } from "../fuzzTarget.ts";

const vocabulary = constrainedVocabulary(
  Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
);
const schemas: readonly object[] = [
  {
    type: "object",
    properties: {
      name: { type: "string", minLength: 1, maxLength: 5, pattern: "^[a-z]+$" },
      age: { type: "integer", minimum: 0, maximum: 120 },
      tags: { type: "array", items: { enum: ["a", "b", 1, null] }, minItems: 1, maxItems: 3 },
    },
    required: ["name"],
    additionalProperties: false,
  },
  {
    $defs: {
      node: {
        type: "object",
        properties: { next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } },
      },
    },
    $ref: "#/$defs/node",
  },
  {
    oneOf: [
      { type: "number", multipleOf: 0.5 },
      { type: "string", format: "date-time" },
      { const: [1] },
    ],
  },
  {
    allOf: [
      { type: "object", properties: { a: true } },
      { additionalProperties: { type: "boolean" }, maxProperties: 2 },
    ],
  },
  { type: "array", prefixItems: [{ type: "boolean" }], items: false },
];

/** JSON schemas that answers have to fit. */
export const target: FuzzTarget = {
  name: "jsonSchema",
  covers: ["framework/constrained/"],
  mostSeconds: 5,
  seeds: schemas.map((schema) => textInput(JSON.stringify(schema))),
  words: [
    '"type":',
    '"anyOf":[',
    '"$ref":"#',
    '"properties":{',
    '"enum":[',
    '"required":[',
    '"pattern":"',
    '"items":',
  ],
  expects: (error) => error instanceof SyntaxError && !/regular expression/.test(error.message),
  run(input) {
    const schema = parseBounded(inputText(input));
    if (!isJsonObject(schema)) return undefined;
    const start = new Constraint(vocabulary, jsonOf(schema)).begin();
    return start.allowed(100).count;
  },
};
