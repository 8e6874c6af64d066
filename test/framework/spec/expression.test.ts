import { expect } from "chai";
import { describe, it } from "mocha";

import { parseExpression } from "../../../framework/spec/expression.ts";

const values: Readonly<Record<string, unknown>> = {
  "optimizer.name": "adamW",
  features: 96,
  heads: 5,
  isDeep: true,
  "drop-out": 0.5,
};

const valueOf = (name: string): unknown => values[name];

describe("parseExpression()", () => {
  const cases: [string, unknown][] = [
    ['optimizer.name == "adamW"', true],
    ["optimizer.name != 'adamW'", false],
    ['optimizer.name in ["sgd", "adamW"]', true],
    ["features % heads == 0", false],
    ["features % (heads + 1) == 0 and isDeep", true],
    ["not isDeep or heads >= 5", true],
    ["not (isDeep or heads >= 5)", false],
    ["2 + 3 * 4 - 1", 13],
    ["8 / 2 / 2", 2],
    ["-heads < -1e-3", true],
    ["`drop-out` <= 0.5", true],
    ["heads <= 4.5", false],
    ["isDeep == null", false],
    ['"abc" < "b"', true],
    ['heads < "6"', false],
    ["missing == 1 or missing < 1 or missing >= 1", false],
    ["missing != 1", true],
  ];
  for (const [text, result] of cases) {
    it(`finds that ${text} is ${String(result)}`, () => {
      expect(parseExpression(text).evaluate(valueOf)).to.equal(result);
    });
  }

  for (const [open, close] of [
    ["(", ")"],
    ["[", "]"],
    ["not ", ""],
    ["-", ""],
  ] as const) {
    it(`refuses ${open}1${close} that is nested deeper than there is stack`, () => {
      const text = open.repeat(20_000) + "1" + close.repeat(20_000);
      expect(() => parseExpression(text)).to.throw(RangeError, "at most 100 nested parts");
      expect(() => parseExpression(open.repeat(90) + "1" + close.repeat(90))).not.to.throw();
    });
  }

  it("knows which names it asks for", () => {
    const { names } = parseExpression('optimizer.name == "features" and `drop-out` > heads');
    expect([...names]).to.deep.equal(["optimizer.name", "drop-out", "heads"]);
  });

  const wrong: [string, string][] = [
    ["", 'expected a name or value in the condition "", got its end'],
    ["a ==", 'expected a name or value in the condition "a ==", got its end'],
    ["a = 1", 'expected a name, value or operator in the condition "a = 1", got = 1'],
    ["a b", 'expected an operator or the end in the condition "a b", got "b"'],
    ["(a == 1", 'expected ")" in the condition "(a == 1", got its end'],
    ["a in [1, 2", 'expected "]" in the condition "a in [1, 2", got its end'],
    ["a ; b", 'expected a name, value or operator in the condition "a ; b", got ; b'],
  ];
  for (const [text, message] of wrong) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseExpression(text)).to.throw(RangeError, message);
    });
  }
});
