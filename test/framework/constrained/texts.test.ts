import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../framework/base/random.ts";
import { Constraint, constraintProcessor } from "../../../framework/constrained/constraint.ts";
import { ConstraintError } from "../../../framework/constrained/constraintError.ts";
import { callsOf, choiceOf, jsonOf, patternOf } from "../../../framework/constrained/texts.ts";
import { tokenTrie } from "../../../framework/constrained/tokenTrie.ts";
import { allows, drawText, endToken, entries, vocabulary } from "./drawText.ts";

const functions = [
  {
    name: "add",
    parameters: {
      type: "object",
      properties: { a: { type: "integer" }, b: { type: "integer" } },
      required: ["a", "b"],
      additionalProperties: false,
    },
  },
  { name: "now", parameters: { type: "object", properties: {}, additionalProperties: false } },
];
const call = (name: string, given: object): string =>
  `<tool_call>\n${JSON.stringify({ name, arguments: given })}\n</tool_call>`;

describe("callsOf()", () => {
  const free = callsOf({ functions });
  const required = callsOf({ functions, isRequired: true });

  it("lets a text alone, or with calls at its end", () => {
    const calls = `${call("add", { a: 1, b: 2 })}\n${call("now", {})}`;
    for (const text of ["", "Hello é!", "a < b <tool", call("now", {}), calls, `Well: ${calls}`]) {
      expect(allows(free, text), text).to.equal(true);
    }
    for (const text of [
      `${call("now", {})} more`,
      call("add", { a: 1 }),
      call("subtract", {}),
      "<tool_call>\n",
      `<tool_call>\n{"name":"now"`,
    ]) {
      expect(allows(free, text), text).to.equal(false);
    }
    expect(allows(free, "\u{1F427}")).to.equal(true);
    const half = new Constraint(vocabulary, free).begin().add(0xf0);
    expect(half.mayEnd, "half a character").to.equal(false);
    expect(half.needed).to.equal(3);
  });

  it("has calls alone where there must be one", () => {
    expect(allows(required, call("now", {}))).to.equal(true);
    for (const text of ["", `Well: ${call("now", {})}`]) {
      expect(allows(required, text), text).to.equal(false);
    }
  });

  it("has one call where there may not be several", () => {
    const single = callsOf({ functions, isRequired: true, isParallel: false });
    expect(allows(single, call("now", {}))).to.equal(true);
    expect(allows(single, `${call("now", {})}\n${call("now", {})}`)).to.equal(false);
  });

  it("writes calls that can be read, by any tokens and in time", () => {
    const random = new RandomStream(8, "calls");
    const constraint = new Constraint(vocabulary, required);
    for (let i = 0; i < 40; i++) {
      const text = drawText(constraint, random, constraint.shortest + i);
      for (const [, content] of text.matchAll(/<tool_call>\n(.*)\n<\/tool_call>/g)) {
        const { name, arguments: given } = JSON.parse(content!);
        expect(["add", "now"]).to.include(name);
        if (name === "add") expect(Object.keys(given)).to.deep.equal(["a", "b"]);
      }
    }
  });

  it("names the function whose schema cannot be followed", () => {
    const wrong = [{ name: "bad", parameters: { type: "object", properties: { a: { not: {} } } } }];
    expect(() => new Constraint(vocabulary, callsOf({ functions: wrong }))).to.throw(
      ConstraintError,
      'at bad#/properties/a: keyword "not" is not supported',
    );
  });
});

describe("choiceOf() and patternOf()", () => {
  it("has one of some texts", () => {
    expect(allows(choiceOf(["yes", "no"]), "no")).to.equal(true);
    expect(allows(choiceOf(["yes", "no"]), "n")).to.equal(false);
    expect(() => choiceOf([])).to.throw(ConstraintError, "expected texts to choose from");
  });

  it("has a text that a pattern matches from end to end", () => {
    expect(allows(patternOf("[a-c]+"), "abc")).to.equal(true);
    expect(allows(patternOf("[a-c]+"), "abcd")).to.equal(false);
  });
});

describe("constraintProcessor()", () => {
  const constraint = new Constraint(vocabulary, jsonOf({ enum: ["ab", "cd", null] }));
  const idOf = (text: string): number => Buffer.from(text)[0]!;

  function allowed(process: ReturnType<typeof constraintProcessor>, ids: number[]): number[] {
    const logits = new Float32Array(entries.length);
    process(logits, ids);
    return [...logits.keys()].filter((token) => logits[token]! > -Infinity);
  }

  it("leaves tokens alone after which the text can end, and then the end", () => {
    const options = { promptLength: 1, maxNewTokens: 20, endTokens: [endToken] };
    const process = constraintProcessor({ constraint, ...options });
    expect(allowed(process, [9])).to.have.members([
      idOf('"'),
      idOf("n"),
      entries.findIndex((bytes) => bytes && Buffer.from(bytes).toString() === "null"),
    ]);
    expect(allowed(process, [9, idOf('"'), idOf("c")])).to.deep.equal([idOf("d")]);
    expect(allowed(process, [9, ...Buffer.from('"ab"')])).to.deep.equal([endToken]);
    expect(allowed(process, [9, idOf('"')]), "tokens taken back").to.include(idOf("c"));
  });

  it("has masks at hand that were prepared", () => {
    let built = 0;
    const counted = new Constraint(vocabulary, (make) => {
      built++;
      return jsonOf({ enum: ["ab", "cd", null] })(make);
    });
    const options = { promptLength: 1, maxNewTokens: 20, endTokens: [endToken] };
    const [process, other] = [counted, constraint].map((each) =>
      constraintProcessor({ constraint: each, ...options }),
    );
    for (const ids of [[9], [9, idOf('"')], [9, ...Buffer.from('"ab"')], [9, idOf("n")]]) {
      process!.prepare(ids);
      expect(allowed(process!, ids)).to.deep.equal(allowed(other!, ids));
    }
    expect(built).to.equal(1);
    expect(() => process!.prepare([9, idOf("x")])).to.throw(RangeError, "does not allow it");
  });

  it("begins nothing that there is no room to end", () => {
    const wide = new Constraint(vocabulary, jsonOf({ type: "array", items: { type: "null" } }));
    const process = constraintProcessor({
      ...{ constraint: wide, promptLength: 0, maxNewTokens: 4, endTokens: [endToken] },
    });
    expect(allowed(process, [idOf("[")]), "[ and one of 3 left").to.not.include(idOf("n"));
    expect(() =>
      constraintProcessor({
        ...{ constraint, promptLength: 0, maxNewTokens: 3, endTokens: [endToken] },
      }),
    ).to.throw(ConstraintError, "expected room for at least 4 tokens");
  });
});

describe("tokenTrie()", () => {
  it("refuses a vocabulary that cannot write each byte", () => {
    const missing = entries.map((bytes, id) => (id === 65 ? undefined : bytes));
    expect(() => tokenTrie(missing)).to.throw(ConstraintError, "got one without 65");
  });
});
