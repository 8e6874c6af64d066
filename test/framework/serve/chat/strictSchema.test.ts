import { expect } from "chai";
import { describe, it } from "mocha";

import { strictProblem } from "../../../../framework/serve/chat/strictSchema.ts";

const inner = {
  type: "object",
  properties: { a: { type: "string" } },
  required: ["a"],
  additionalProperties: false,
};

describe("strictProblem()", () => {
  it("finds none in a strict schema", () => {
    const schema = {
      ...{ type: "object", required: ["list", "other"], additionalProperties: false },
      properties: {
        list: { type: "array", items: inner },
        other: { anyOf: [{ type: "null" }, inner] },
      },
      $defs: { inner },
    };
    expect(strictProblem(schema)).to.equal(undefined);
  });

  it("says where others are let in, or may be missing", () => {
    expect(strictProblem({ type: "object", properties: {} })).to.equal(
      "In context=(), 'additionalProperties' is required to be supplied and to be false.",
    );
    const optional = { ...inner, required: [] };
    expect(strictProblem({ type: "array", items: optional })).to.equal(
      "In context=('items'), 'required' is required to be supplied and to be an array including every key in properties. Missing 'a'.",
    );
    const nested = { ...inner, properties: { a: { type: ["object", "null"] } } };
    expect(strictProblem(nested)).to.include("In context=('properties', 'a')");
  });
});
