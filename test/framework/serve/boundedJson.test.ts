import { expect } from "chai";
import { describe, it } from "mocha";

import { isDeeperThan } from "../../../framework/serve/boundedJson.ts";

describe("isDeeperThan()", () => {
  for (const [json, levels, expected] of [
    ['{"a":[1]}', 2, false],
    ['{"a":[1]}', 1, true],
    ["[[],[],[]]", 2, false],
    ['["[[[[", "{\\"{{"]', 1, false],
    ['["\\\\", [[]]]', 2, true],
    ['["\\\\\\"[[", 1]', 1, false],
    ['"[', 0, false],
    ["[", 0, true],
  ] as const) {
    it(`is ${expected} for ${json} and ${levels}`, () => {
      expect(isDeeperThan(json, levels)).to.equal(expected);
    });
  }

  it("reads long texts once", () => {
    const text = JSON.stringify({ text: '\\"'.repeat(1_000_000) });
    expect(isDeeperThan(text, 1)).to.equal(false);
    expect(isDeeperThan(`${"[".repeat(1_000_000)}`, 1_000_000)).to.equal(false);
  });
});
