import { expect } from "chai";
import { describe, it } from "mocha";

import { Expressions, type Expression } from "../../../framework/constrained/expressions.ts";
import { LeastBytes } from "../../../framework/constrained/leastBytes.ts";

/** Measures, and counts how often it looked what follows a byte. */
function measuring(make: Expressions): { of: (each: Expression) => number; looks: () => number } {
  let looks = 0;
  const least = new LeastBytes(new Map(), (each, byte) => {
    looks++;
    return make.derivative(each, byte);
  });
  return { of: (each) => least.of(each), looks: () => looks };
}

describe("LeastBytes", () => {
  const make = new Expressions();
  const letters = make.bytes([[0x61, 0x7a]]);
  const word = (least: number): Expression =>
    make.intersection(make.repeat(letters), make.repeat(make.bytes([[0x61, 0x66]]), least));

  it("measures what two expressions share", () => {
    const { of } = measuring(make);
    expect(of(word(12))).to.equal(12);
    expect(of(make.sequence(letters, word(3)))).to.equal(4);
    const none = make.intersection(make.text("ab"), make.repeat(letters, 3));
    expect(of(none)).to.equal(Infinity);
  });

  it("knows how much is left of it at each step, once it is measured", () => {
    const { of, looks } = measuring(make);
    let each = word(400);
    expect(of(each)).to.equal(400);
    const before = looks();
    for (let left = 399; left >= 0; left--) {
      each = make.derivative(each, 0x63);
      expect(of(each)).to.equal(left);
    }
    expect(looks()).to.equal(before);
  });

  it("finds the shorter of two ways, where one is known already", () => {
    const { of } = measuring(make);
    const long = word(9);
    expect(of(long)).to.equal(9);
    const tail = make.choice(long, make.sequence(letters, letters));
    const either = make.intersection(make.repeat(letters), make.sequence(make.text("q"), tail));
    expect(of(either)).to.equal(3);
    expect(of(make.derivative(either, 0x71))).to.equal(2);
  });
});
