import { expect } from "chai";
import { describe, it } from "mocha";

import { makeAxis } from "../../../../../framework/dashboard/page/sweeps/axis.ts";

describe("makeAxis()", () => {
  it("spreads numbers, and leaves out what is none", () => {
    const axis = makeAxis("x", [0, 5, null, Number.NaN, 10]);
    expect(axis.log).to.equal(false);
    expect([0, 5, 10, null, Number.NaN].map(axis.place)).to.deep.equal([0, 0.5, 1, null, null]);
    expect(axis.marks.map(({ text }) => text)).to.deep.equal(["0", "5", "10"]);
  });

  it("is logarithmic for positive numbers over a factor of ten and more", () => {
    const axis = makeAxis("x", [1e-4, 1e-3, 1e-2]);
    expect(axis.log).to.equal(true);
    expect(axis.place(1e-3)).to.be.closeTo(0.5, 1e-12);
    expect(makeAxis("x", [-1, 100]).log).to.equal(false);
  });

  it("puts words, and numbers among words, in order", () => {
    const axis = makeAxis("x", ["layer10", "layer9", null, 8]);
    expect(axis.marks.map(({ text }) => text)).to.deep.equal(["8", "layer9", "layer10"]);
    expect(axis.place("layer9")).to.equal(0.5);
    expect(axis.place(null)).to.equal(null);
  });

  it("puts a single value in the middle", () => {
    expect(makeAxis("x", [3, 3]).place(3)).to.equal(0.5);
  });
});
