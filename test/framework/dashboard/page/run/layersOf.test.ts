import { expect } from "chai";
import { describe, it } from "mocha";

import { layersOf } from "../../../../../framework/dashboard/page/run/layersOf.ts";

const edge = (text: string) => ({ from: text[0] ?? "", to: text[1] ?? "" });

describe("layersOf()", () => {
  for (const [words, keys, edges, layers] of [
    ["a chain", "abc", ["ab", "bc"], ["a", "b", "c"]],
    ["a way round", "abcd", ["ab", "bc", "ac", "cd"], ["a", "b", "c", "d"]],
    ["two that use one", "abc", ["ab", "ac"], ["a", "bc"]],
    ["a circle", "ab", ["ab", "ba"], ["b", "a"]],
  ] as const) {
    it(`puts ${words} in columns from left to right`, () => {
      const found = layersOf(keys.split(""), edges.map(edge));
      expect(found.map((layer) => layer.join(""))).to.deep.equal(layers);
    });
  }
});
