import { expect } from "chai";
import { describe, it } from "mocha";

import {
  applyItems,
  parseLooseJson,
  removeItems,
  treeJson,
  type JsonTree,
} from "../../../../framework/tracking/wandb/json.ts";

describe("parseLooseJson()", () => {
  for (const [text, expected] of [
    ["NaN", NaN],
    ["[-Infinity,Infinity,-1]", [-Infinity, Infinity, -1]],
    ['{"a":{"b":NaN},"c":"NaN \\"Infinity\\""}', { a: { b: NaN }, c: 'NaN "Infinity"' }],
    ['"\\\\"', "\\"],
  ] as const) {
    it(`reads ${text}`, () => expect(parseLooseJson(text)).to.deep.equal(expected));
  }

  it("refuses what is no JSON", () => {
    expect(() => parseLooseJson("{a:1}")).to.throw(SyntaxError);
  });
});

describe("applyItems()", () => {
  it("sets values under keys and paths of keys, the last of them in place of the others", () => {
    const tree: JsonTree = new Map();
    applyItems(tree, [
      { key: "a", valueJson: "1" },
      { nestedKey: ["b", "c"], valueJson: "NaN" },
      { key: "", nestedKey: ["b", "d"], valueJson: '"x"' },
      { key: "a", valueJson: '{"old":1}' },
      { nestedKey: ["a", "new"], valueJson: "2" },
    ]);
    removeItems(tree, [{ nestedKey: ["b", "d"], valueJson: "" }]);
    expect(treeJson(tree)).to.equal('{"a":{"new":2},"b":{"c":NaN}}');
  });
});
