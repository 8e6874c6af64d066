import { expect } from "chai";
import { describe, it } from "mocha";

import { areApart } from "../../../../framework/constrained/schema/areApart.ts";
import type { Schema } from "../../../../framework/constrained/schema/keywords.ts";

const kind = (...values: string[]): Schema => ({
  type: "object",
  properties: { kind: { enum: values }, other: { const: 1 } },
  required: ["kind", "other"],
});
const numbers = (first: number, count: number): Schema => ({
  enum: Array.from({ length: count }, (_, i) => first + i),
});

describe("areApart()", () => {
  const cases: readonly (readonly [title: string, schemas: readonly Schema[], apart: boolean])[] = [
    ["other constants", [{ const: "a" }, { enum: ["b", 1] }], true],
    ["a constant that two have", [{ const: "a" }, { enum: ["b", "a"] }], false],
    ["other types", [{ type: "string" }, { type: ["integer", "null"] }], true],
    ["integers and numbers", [{ type: "integer" }, { type: "number" }], false],
    ["a type and constants of another", [{ type: "string" }, { enum: [1, null] }], true],
    ["a type and a constant of it", [{ type: "array" }, { enum: [1, [1]] }], false],
    ["anything and something", [true, { type: "null" }], false],
    ["nothing and something", [false, true], true],
    ["no types", [{ minLength: 1 }, { type: "null" }], false],
    ["objects of other kinds", [kind("a", "b"), kind("c")], true],
    ["objects of a kind that two have", [kind("a", "b"), kind("c", "b")], false],
    [
      "objects that need not have a kind",
      [kind("a"), { type: "object", properties: { kind: { const: "b" } } }],
      false,
    ],
    ["the last two of three", [{ type: "null" }, { const: "a" }, { type: "string" }], false],
    ["very many constants", [numbers(0, 20_000), numbers(20_000, 20_000)], true],
    [
      "very many constants, one of them twice",
      [numbers(0, 20_000), numbers(19_999, 20_000)],
      false,
    ],
    ["many lists", Array.from({ length: 250 }, (_, i) => numbers(i * 100, 100)), true],
  ];
  for (const [title, schemas, apart] of cases) {
    it(`is ${apart} for ${title}`, () => {
      expect(areApart(schemas)).to.equal(apart);
      expect(areApart(schemas.toReversed())).to.equal(apart);
    });
  }
});
