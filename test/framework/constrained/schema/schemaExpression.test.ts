import addFormats from "ajv-formats";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "chai";
import { describe, it } from "mocha";

import type { JsonObject, JsonValue } from "../../../../framework/base/json.ts";
import { RandomStream } from "../../../../framework/base/random.ts";
import { Constraint } from "../../../../framework/constrained/constraint.ts";
import { ConstraintError } from "../../../../framework/constrained/constraintError.ts";
import { formatPatterns } from "../../../../framework/constrained/schema/formats.ts";
import type { Schema } from "../../../../framework/constrained/schema/keywords.ts";
import { jsonOf } from "../../../../framework/constrained/texts.ts";
import { allows, drawText, vocabulary } from "../drawText.ts";
import { drawSchema } from "./drawSchema.ts";

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);

const says = (schema: Schema, value: JsonValue): boolean =>
  allows(jsonOf(schema), JSON.stringify(value));

/** Random texts of a schema: JSON that Ajv finds right, written as `JSON.stringify` does. */
function expectValid(schema: Schema, count: number, random: RandomStream, room = 200): void {
  const validate = ajv.compile(schema);
  const constraint = new Constraint(vocabulary, jsonOf(schema));
  for (let i = 0; i < count; i++) {
    const text = drawText(constraint, random, room);
    const value: unknown = JSON.parse(text);
    const isValid = validate(value);
    const what = `${text} of ${JSON.stringify(schema)}: ${ajv.errorsText(validate.errors)}`;
    expect(isValid, what).to.equal(true);
  }
}

const person: JsonObject = {
  type: "object",
  properties: { name: { type: "string" }, age: { type: "integer", minimum: 0 } },
  required: ["name"],
  additionalProperties: false,
};

describe("schemaExpression()", () => {
  it("writes objects in the schema's order, without spaces", () => {
    expect(says(person, { name: "Ada", age: 36 })).to.equal(true);
    expect(says(person, { name: "Ada" })).to.equal(true);
    expect(says(person, { age: 36 })).to.equal(false);
    expect(says(person, { name: "Ada", more: 1 })).to.equal(false);
    expect(allows(jsonOf(person), '{"name": "Ada"}')).to.equal(false);
    expect(allows(jsonOf(person), '{"age":1,"name":"Ada"}')).to.equal(false);
  });

  const right: readonly (readonly [
    title: string,
    schema: JsonObject,
    yes: JsonValue[],
    no: JsonValue[],
  ])[] = [
    ["a type", { type: "boolean" }, [true, false], [null, 0, "true"]],
    ["several types", { type: ["string", "null"] }, ["a", null], [1]],
    [
      "lengths",
      { type: "string", minLength: 2, maxLength: 3 },
      ["ab", "日本語", '\\"'],
      ["a", "abcd"],
    ],
    ["a pattern", { type: "string", pattern: "^[A-Z]{3}-\\d+$" }, ["ABC-12"], ["abc-1", "ABC-"]],
    [
      "a pattern and a length",
      { pattern: "b", type: "string", maxLength: 2 },
      ["b", "ab"],
      ["a", "aab"],
    ],
    ["constants", { enum: ["a", 1, null, { b: [2] }] }, ["a", 1, null, { b: [2] }], ["b", 2]],
    ["constants of a type", { enum: ["a", 1], type: "string" }, ["a"], [1]],
    [
      "constants of a pattern and a length",
      { enum: ["ab", "b", "abbb", "c", 1], pattern: "b$", minLength: 2, maxLength: 3 },
      ["ab", 1],
      ["b", "abbb", "c"],
    ],
    [
      "constants within bounds",
      { enum: [2, 3, 4.5, 6, 9, 12, "a"], type: "number", minimum: 3, exclusiveMaximum: 12 },
      [3, 4.5, 6, 9],
      [2, 12, "a"],
    ],
    [
      "constants that are integers and multiples",
      { enum: [3, 4.5, 7, 9], type: ["integer", "null"], multipleOf: 3 },
      [3, 9],
      [4.5, 7],
    ],
    [
      "constants with something in them",
      {
        $defs: { short: { type: "string", maxLength: 1 } },
        enum: [
          [1, "a"],
          [1, "ab"],
          [2, "a"],
          [],
          { k: "a" },
          { k: "ab" },
          { k: "a", x1: 0 },
          { x: 0 },
        ],
        prefixItems: [{ const: 1 }],
        items: { $ref: "#/$defs/short" },
        minItems: 1,
        properties: { k: { allOf: [{ $ref: "#/$defs/short" }, true] } },
        required: ["k"],
        additionalProperties: { anyOf: [{ type: "null" }, { enum: [0] }] },
        propertyNames: { pattern: "^[a-z]$" },
      },
      [[1, "a"], { k: "a" }],
      [[1, "ab"], [2, "a"], [], { k: "ab" }, { k: "a", x1: 0 }, { x: 0 }],
    ],
    [
      "constants of one of some kinds",
      {
        enum: [[1], [-1], ["a"]],
        items: { oneOf: [{ minimum: 0 }, { type: "number" }] },
      },
      [[-1], ["a"]],
      [[1]],
    ],
    ["one constant", { const: "x" }, ["x"], ["y"]],
    ["bounds", { type: "integer", minimum: 3, exclusiveMaximum: 12 }, [3, 11], [2, 12]],
    ["multiples", { type: "number", multipleOf: 5, minimum: 7 }, [10, 15], [5, 12]],
    [
      "lists",
      { type: "array", items: { type: "integer" }, minItems: 1, maxItems: 2 },
      [[1], [1, 2]],
      [[], [1, 2, 3]],
    ],
    [
      "tuples",
      { prefixItems: [{ type: "integer" }, { type: "string" }], items: false, minItems: 2 },
      [[1, "a"]],
      [[1], [1, "a", 2]],
    ],
    [
      "tuples with more",
      { prefixItems: [{ const: 1 }], items: { const: 2 }, maxItems: 3 },
      [[], [1], [1, 2, 2]],
      [[2], [1, 1], [1, 2, 2, 2]],
    ],
    [
      "alternatives",
      { anyOf: [{ type: "integer" }, { type: "array", items: { const: 1 } }] },
      [3, [1, 1]],
      ["a", [2]],
    ],
    ["alternatives apart", { oneOf: [{ type: "null" }, { const: "a" }] }, [null, "a"], ["b"]],
    [
      "conditions together",
      { allOf: [{ type: "integer", minimum: 3 }, { maximum: 5 }] },
      [3, 5],
      [2, 6],
    ],
    [
      "maps",
      { type: "object", additionalProperties: { type: "integer" }, minProperties: 1 },
      [{ a: 1 }, { b: 2, c: 3 }],
      [{}, { a: "b" }],
    ],
    [
      "names of maps",
      { type: "object", propertyNames: { pattern: "^k\\d$" }, additionalProperties: { const: 0 } },
      [{}, { k1: 0 }],
      [{ a: 0 }],
    ],
    [
      "more than is named",
      { type: "object", properties: { a: { const: 1 } }, additionalProperties: { const: 2 } },
      [{}, { a: 1 }, { a: 1, b: 2 }, { ab: 2 }],
      [{ a: 2 }, { b: 1 }],
    ],
    [
      "optional ones between",
      {
        type: "object",
        properties: { a: { const: 1 }, b: { const: 2 }, c: { const: 3 } },
        required: ["b"],
      },
      [{ b: 2 }, { a: 1, b: 2 }, { b: 2, c: 3 }],
      [{ a: 1 }, { a: 1, c: 3 }],
    ],
    [
      "required ones without a schema",
      { type: "object", required: ["a"] },
      [{ a: [1] }],
      [{}, { b: 1 }],
    ],
    ["anything", {}, [null, [], {}, { a: [1.5, "x", { b: false }] }], []],
    ["what keywords are about", { minLength: 3 }, ["abc"], ["ab"]],
    [
      "references",
      { $defs: { n: { type: "integer" } }, type: "array", items: { $ref: "#/$defs/n" } },
      [[1, 2]],
      [["a"]],
    ],
    [
      "references with more",
      { $defs: { n: { type: "integer" } }, $ref: "#/$defs/n", minimum: 4 },
      [4],
      [3],
    ],
    ["escaped references", { $defs: { "a/b~c": { const: 1 } }, $ref: "#/$defs/a~1b~0c" }, [1], [2]],
  ];
  for (const [title, schema, yes, no] of right) {
    it(`follows ${title}`, () => {
      const validate = ajv.compile(schema);
      for (const value of yes) {
        expect(validate(value), `Ajv: ${JSON.stringify(value)}`).to.equal(true);
        expect(says(schema, value), JSON.stringify(value)).to.equal(true);
      }
      for (const value of no) {
        expect(validate(value), `Ajv: ${JSON.stringify(value)}`).to.equal(false);
        expect(says(schema, value), JSON.stringify(value)).to.equal(false);
      }
      expectValid(schema, 4, new RandomStream(1, title), 60);
    });
  }

  it("joins objects that have to be met at once", () => {
    const schema: JsonObject = {
      allOf: [
        { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
        { properties: { a: { enum: ["x", 1] }, b: { type: "null" } }, required: ["b"] },
      ],
      properties: { c: { type: "integer" } },
    };
    expect(says(schema, { c: 1, a: "x", b: null })).to.equal(true);
    expect(says(schema, { c: 1, a: "y", b: null })).to.equal(false);
    expectValid(schema, 5, new RandomStream(2, "joined"));
  });

  it("follows recursion, and ends in time", () => {
    const tree: JsonObject = {
      $ref: "#/$defs/node",
      $defs: {
        node: {
          type: "object",
          properties: {
            value: { type: "integer" },
            children: { type: "array", items: { $ref: "#/$defs/node" } },
          },
          required: ["value", "children"],
          additionalProperties: false,
        },
      },
    };
    expect(says(tree, { value: 1, children: [{ value: 2, children: [] }] })).to.equal(true);
    expectValid(tree, 30, new RandomStream(3, "tree"), 60);
    const list: JsonObject = {
      anyOf: [
        { type: "null" },
        { type: "array", prefixItems: [{ $ref: "#" }], items: false, minItems: 1 },
      ],
    };
    expectValid(list, 20, new RandomStream(3, "list"), 30);
  });

  it("writes formats that are right", () => {
    const random = new RandomStream(4, "formats");
    for (const format of Object.keys(formatPatterns)) {
      expectValid({ type: "string", format }, 12, random);
    }
  });

  it("writes what Ajv finds right, for schemas by chance and tokens by chance", () => {
    const random = new RandomStream(6, "schemas");
    for (let i = 0; i < 500; i++) expectValid(drawSchema(random), 1, random, 400);
  });

  const wrong: readonly (readonly [Schema, string])[] = [
    [{ type: "string", contains: 1 }, 'at #: keyword "contains" is not supported'],
    [{ not: {} }, 'keyword "not" is not supported'],
    [{ type: "text" }, "expected type to be one or more of null, boolean, string"],
    [
      { properties: { a: { minLength: -1 } } },
      "at #/properties/a: expected minLength to be an integer of 0 or more, got -1",
    ],
    [{ type: "number", multipleOf: 0.1 }, "expected multipleOf to be an integer above 0, got 0.1"],
    [{ type: "string", format: "colour" }, "expected a format of date, time"],
    [{ $ref: "#/$defs/missing" }, "expected $ref to name a schema inside this one"],
    [{ $ref: "#/$defs/%" }, "expected $ref to name a schema inside this one"],
    [{ $ref: "https://example.com/a" }, "expected $ref to name a schema inside this one"],
    [{ $ref: "#" }, "no value fits the schema"],
    [
      {
        $defs: { a: { anyOf: [{ $ref: "#/$defs/a" }, { type: "null" }], type: "null" } },
        $ref: "#/$defs/a",
      },
      "refers to itself without anything around it",
    ],
    [{ type: "integer", minimum: 3, maximum: 2 }, "no value fits the schema"],
    [{ allOf: [{ type: "string" }, { type: "null" }] }, "no value fits the schema"],
    [{ enum: ["a"], type: "integer" }, "no value fits the schema"],
    [{ type: "object", properties: { a: false }, required: ["a"] }, "no value fits the schema"],
    [
      { oneOf: [{ type: "integer" }, { type: "number" }] },
      "expected alternatives of oneOf that no value can fit two of",
    ],
    [
      { allOf: [{ pattern: "a" }, { pattern: "b" }], type: "string" },
      "two different values of pattern have to be met at once",
    ],
    [{ type: "string", pattern: "(?=a)" }, "expected none of the assertions"],
    [{ enum: ["a"], pattern: "(?=a)" }, "expected none of the assertions"],
    [{ enum: ["a"], pattern: "(" }, 'at #: pattern "(": Invalid regular expression'],
    [{ enum: [["a"]], items: { type: "text" } }, "at #/items: expected type to be one or more of"],
    [
      { enum: [{ a: 1 }], properties: { a: { minimum: "0" } } },
      'at #/properties/a: expected minimum to be a number, got "0"',
    ],
    [{ enum: [[1]], items: { $ref: "#/$defs/a" } }, "expected $ref to name a schema inside this"],
    [
      { enum: [[1]], items: { $ref: "#/$defs/a" }, $defs: { a: { $ref: "#/$defs/a" } } },
      "at #/$defs/a: expected schemas of at most 500 levels, references followed",
    ],
    [
      { type: "object", properties: { a: {}, b: {} }, maxProperties: 1 },
      "minProperties and maxProperties are supported where",
    ],
  ];
  for (const [schema, problem] of wrong) {
    it(`refuses ${JSON.stringify(schema)}`, () => {
      expect(() => drawText(jsonOf(schema), new RandomStream(0, "wrong"))).to.throw(
        ConstraintError,
        problem,
      );
    });
  }

  it("takes thousands of properties, in whatever number", () => {
    const names = Array.from({ length: 2000 }, (_, i) => `property${i}`);
    const properties = Object.fromEntries(names.map((name) => [name, { type: "string" }]));
    const object = { type: "object", properties, additionalProperties: false };
    const constraint = new Constraint(vocabulary, jsonOf(object));
    let text = constraint.begin();
    for (const byte of Buffer.from('{"property7":"a","property1999":"b"}')) text = text.add(byte);
    expect(text.isOver).to.equal(true);
    expect(constraint.shortest).to.equal(2);
    const all = new Constraint(vocabulary, jsonOf({ ...object, required: names }));
    expect(all.shortest).to.equal(JSON.stringify(object.properties).length - 2000 * 15);
  });

  it("refuses what would take long to make", () => {
    const pattern = (i: number): string => `^(?:a|b)*a(?:a|b){${i}}$`;
    const heavy = Array.from({ length: 40 }, (_, i) => ({
      ...{ type: "string", maxLength: 300, pattern: pattern(20 + i) },
    }));
    const form = { type: "array", prefixItems: heavy, minItems: 40 };
    expect(() => new Constraint(vocabulary, jsonOf(form))).to.throw(
      ConstraintError,
      "it is too large: it has more than 150000 states",
    );
  });

  it("holds constants against patterns without the backtracking of regular expressions", () => {
    const long = `${"a".repeat(5000)}!`;
    expect(says({ enum: [long, "aa"], pattern: "^(a+)+$" }, "aa")).to.equal(true);
    expect(says({ enum: [long, "aa"], pattern: "^(a+)+$" }, long)).to.equal(false);
    const within = { enum: [[long], ["aa"]], items: { pattern: "^(a|aa)+$" } };
    expect(says(within, ["aa"])).to.equal(true);
    expect(says(within, [long])).to.equal(false);
  });

  it("refuses constants that would take long to hold against other keywords", () => {
    const twice = (name: string): JsonObject => ({ allOf: [{ $ref: name }, { $ref: name }] });
    const $defs = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`d${i}`, twice(`#/$defs/d${i + 1}`)]),
    );
    for (const form of [
      { enum: [[1]], items: twice("#/$defs/d0"), $defs: { ...$defs, d30: true } },
      {
        enum: [["a".repeat(50_000)]],
        items: { allOf: Array.from({ length: 100 }, () => ({ maxLength: 60_000 })) },
      },
      {
        enum: [[Array.from({ length: 20_000 }, () => 0)]],
        items: { anyOf: Array.from({ length: 100 }, (_, i) => ({ const: [i] })) },
      },
    ]) {
      expect(() => allows(jsonOf(form), "")).to.throw(ConstraintError, "it is too large");
    }
  });

  it("refuses what is nested too deep, and what has too many alternatives", () => {
    let deep: JsonObject = { type: "null" };
    for (let i = 0; i < 200; i++) deep = { type: "array", items: deep };
    expect(() => allows(jsonOf(deep), "")).to.throw(ConstraintError, "nested more than 100 deep");
    const many: JsonObject = {
      allOf: Array.from({ length: 9 }, () => ({ anyOf: [{ minLength: 1 }, { minimum: 1 }] })),
    };
    expect(() => allows(jsonOf(many), "")).to.throw(ConstraintError, "more than 256 alternatives");
  });
});
