import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../framework/base/random.ts";
import { Constraint, type ConstrainedText } from "../../../framework/constrained/constraint.ts";
import { callsOf, jsonOf, patternOf } from "../../../framework/constrained/texts.ts";
import { entries, vocabulary, type Build } from "./drawText.ts";
import { drawSchema } from "./schema/drawSchema.ts";

/** What the automaton itself says, token by token. */
function allowedOneByOne(text: ConstrainedText, left: number): number[] {
  return [...entries.keys()].filter((token) => {
    if (!entries[token]) return false;
    try {
      return text.add(token).needed <= left - 1;
    } catch {
      return false;
    }
  });
}

/** Follows a text by chance, and compares masks on its way. */
function expectSame(build: Build, random: RandomStream, tokens: number): void {
  const constraint = new Constraint(vocabulary, build);
  let text = constraint.begin();
  for (let left = constraint.shortest + tokens; left > 0 && !text.isOver; left--) {
    const mask = text.allowed(left);
    const own = allowedOneByOne(text, left);
    expect([...entries.keys()].filter((token) => mask.has(token))).to.deep.equal(own);
    expect(mask.count).to.equal(own.length);
    const logits = new Float32Array(entries.length).fill(1);
    mask.forbidOthers(logits);
    expect([...logits.keys()].filter((token) => logits[token] === 1)).to.deep.equal(own);
    if (own.length === 0) return;
    text = text.add(own[Math.floor(random.uniform() * own.length)]!);
  }
}

describe("TokenMasks", () => {
  const random = new RandomStream(9, "masks");

  it("agrees with the automaton, token by token", () => {
    expectSame(jsonOf({ type: "object" }), random, 40);
  });

  it("does so where parts of many forms are the same", () => {
    const text = { type: "string", maxLength: 3 } as const;
    for (const properties of [
      { a: text, b: { type: "string", minLength: 1, maxLength: 2 } },
      { b: text, c: { type: "number" } },
      { c: { anyOf: [text, { type: "string", pattern: "^a*b*$" }] }, d: { type: "number" } },
      { when: { type: "string", format: "date" }, d: { type: "integer", maximum: 42 } },
    ]) {
      for (let i = 0; i < 4; i++) expectSame(jsonOf({ type: "object", properties }), random, 4 * i);
    }
    expectSame(patternOf("[ab]*(?:aa)*[a-c]{2,4}é?"), random, 8);
  });

  it("does so for schemas by chance", () => {
    for (let i = 0; i < 12; i++) expectSame(jsonOf(drawSchema(random)), random, 6);
  });

  it("does so for texts with calls", () => {
    const functions = [{ name: "now", parameters: { type: "object" } }];
    for (let i = 0; i < 3; i++) expectSame(callsOf({ functions }), random, 12);
  });
});
