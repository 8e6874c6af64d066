import { expect } from "chai";
import { describe, it } from "mocha";

import {
  evenRuler,
  logRuler,
  nameRuler,
  rangeOf,
  type Ruler,
} from "../../../framework/report/rulers.ts";

const texts = ({ marks }: Ruler): string[] => marks.map(({ text }) => text);

describe("evenRuler()", () => {
  it("encloses a range in round numbers", () => {
    const ruler = evenRuler([0.1, 3.7]);
    expect(texts(ruler)).to.deep.equal(["0", "1", "2", "3", "4"]);
    expect([0, 1, 4].map(ruler.place)).to.deep.equal([0, 0.25, 1]);
  });

  it("shows nothing below zero where nothing is", () => {
    expect(texts(evenRuler([0.002, 1]))).to.deep.equal(["0", "0.5", "1", "1.5"]);
    expect(texts(evenRuler([-0.1, 1]))).to.include("-0.5");
  });
});

describe("logRuler()", () => {
  it("marks powers of ten, and 2 and 5 where these are few", () => {
    expect(texts(logRuler([1e-4, 0.1]))).to.deep.equal(["0.0001", "0.001", "0.01", "0.1"]);
    expect(texts(logRuler([1, 20]))).to.deep.equal(["1", "2", "5", "10", "20"]);
  });

  it("has magnitudes alike, from one end to the other", () => {
    const { place } = logRuler([0.01, 100]);
    expect([0.01, 1, 100].map(place)).to.deep.equal([0, 0.5, 1]);
    expect(logRuler([3, 3]).place(3)).to.equal(0.5);
  });
});

describe("nameRuler()", () => {
  it("has names side by side", () => {
    const ruler = nameRuler(["adam", "sgd"]);
    expect(texts(ruler)).to.deep.equal(["adam", "sgd"]);
    expect([0, 1].map(ruler.place)).to.deep.equal([0.25, 0.75]);
  });
});

describe("rangeOf()", () => {
  it("passes over what is not finite", () => {
    expect(rangeOf([2, Number.NaN, -1, Infinity])).to.deep.equal([-1, 2]);
    expect(rangeOf([Number.NaN])).to.equal(undefined);
  });
});
