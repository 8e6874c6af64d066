import { expect } from "chai";
import { describe, it } from "mocha";

import type { Constraint } from "../../../framework/constrained/constraint.ts";
import { ConstraintCache } from "../../../framework/constrained/constraintCache.ts";
import { choiceOf, patternOf } from "../../../framework/constrained/texts.ts";
import { vocabulary } from "./drawText.ts";

describe("ConstraintCache", () => {
  it("makes equal constraints once", () => {
    const cache = new ConstraintCache(vocabulary);
    const first = cache.get("a", choiceOf(["a"]));
    expect(cache.get("a", choiceOf(["a"]))).to.equal(first);
    expect(cache.get("b", choiceOf(["b"]))).not.to.equal(first);
  });

  it("keeps as many as it may, those that were used last", () => {
    const cache = new ConstraintCache(vocabulary, { most: 2 });
    const [a, b] = [cache.get("a", choiceOf(["a"])), cache.get("b", choiceOf(["b"]))];
    a.begin();
    cache.get("c", choiceOf(["c"]));
    expect(cache.get("a", choiceOf(["a"]))).to.equal(a);
    expect(cache.get("b", choiceOf(["b"]))).not.to.equal(b);
  });

  it("keeps what was made again when the earlier one, still in use, is forgotten once more", () => {
    const cache = new ConstraintCache(vocabulary, { most: 2 });
    const get = (text: string): Constraint => cache.get(text, choiceOf([text]));
    const underWay = get("a").begin();
    for (const other of ["b", "c"]) get(other);
    const again = get("a");
    underWay.allowed(10); // takes memory again
    again.begin();
    get("d");
    expect(get("a")).to.equal(again);
  });

  it("keeps what there is memory for, masks counted", () => {
    const mostBytes = 60_000;
    const cache = new ConstraintCache(vocabulary, { mostBytes });
    const first = cache.get("first", patternOf("[a-z]{0,100}"));
    let text = first.begin();
    for (let i = 0; i < 90; i++) {
      text.allowed(100);
      text = text.add("a".charCodeAt(0));
      expect(cache.bytes).to.be.at.most(mostBytes);
    }
    for (let i = 0; i < 40; i++) cache.get(`${i}`, choiceOf(["a long text to choose"])).begin();
    expect(cache.bytes).to.be.at.most(mostBytes);
    expect(cache.get("first", patternOf("[a-z]{0,100}"))).not.to.equal(first);
    expect(text.allowed(10).has("a".charCodeAt(0)), "who is under way goes on").to.equal(true);
  });
});
