import { expect } from "chai";
import { describe, it } from "mocha";

import {
  allCharacters,
  characters,
  expressionsWithCharacters,
  jsonCharacter,
} from "../../../framework/constrained/characters.ts";
import { ConstraintError } from "../../../framework/constrained/constraintError.ts";
import { Expressions, type Expression } from "../../../framework/constrained/expressions.ts";

/** Whether a text is one of the expression's, byte by byte. */
function accepts(make: Expressions, expression: Expression, text: string): boolean {
  let state = expression;
  for (const byte of Buffer.from(text)) state = make.derivative(state, byte);
  return state.isNullable;
}

describe("Expressions with a base", () => {
  const base = new Expressions();
  const word = base.choice(base.text("yes"), base.text("no"));
  base.close();

  it("find what the base has, and number their own after it", () => {
    const make = new Expressions(base);
    expect(make.choice(make.text("yes"), make.text("no"))).to.equal(word);
    expect(make.derivative(make.text("yes"), 0x79)).to.equal(make.text("es"));
    expect(make.size).to.equal(0);
    expect(make.text("maybe").id).to.be.above(word.id);
    expect(make.size).to.be.above(0);
  });

  it("do not see each other's", () => {
    const [one, other] = [new Expressions(base), new Expressions(base)];
    const made = one.sequence(word, one.text("!"));
    expect(other.sequence(word, other.text("!"))).not.to.equal(made);
    expect([accepts(one, made, "no!"), accepts(one, made, "no?")]).to.deep.equal([true, false]);
  });

  it("measure their own with the base's lengths, and with rules", () => {
    const make = new Expressions(base);
    const rule = make.rule("list");
    make.define("list", make.sequence(word, make.optional(make.sequence(make.text(","), rule))));
    expect([make.distance(word), make.distance(rule)]).to.deep.equal([2, 2]);
    expect(make.distance(make.repeat(word, 3))).to.equal(6);
    expect(accepts(make, rule, "yes,no,no")).to.equal(true);
  });

  it("leave a closed base as it is", () => {
    expect(() => base.text("maybe")).to.throw(ConstraintError);
    for (const text of ["yes", "no"]) expect(accepts(base, word, text)).to.equal(true);
  });

  it("begin with JSON's characters, which are those that are made anew", () => {
    const [make, anew] = [expressionsWithCharacters(), new Expressions()];
    const [known, other] = [jsonCharacter(make), jsonCharacter(anew)];
    expect(make.size).to.equal(0);
    expect(characters(make, allCharacters, "plain")).not.to.equal(known);
    for (const text of ["a", "é", "€", "😀", "\\n", '\\"', "\\u0001", '"', "\n", "ab", ""]) {
      expect(accepts(make, known, text)).to.equal(accepts(anew, other, text), text);
    }
  });
});
