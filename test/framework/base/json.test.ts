import { expect } from "chai";
import { describe, it } from "mocha";

import { parseJson } from "../../../framework/base/json.ts";

describe("parseJson()", () => {
  for (const [text, value] of [
    ['{"a":[1,null]}', { a: [1, null] }],
    ["null", null],
    ['{"a":', undefined],
    ["NaN", undefined],
    ["", undefined],
  ] as const) {
    it(`reads ${JSON.stringify(text)} as ${JSON.stringify(value)}`, () =>
      expect(parseJson(text)).to.deep.equal(value));
  }
});
