import { expect } from "chai";
import { describe, it } from "mocha";

import { endOfText } from "../../../framework/base/jsonText.ts";

describe("endOfText()", () => {
  const cases: [json: string, start: number, end: number][] = [
    ['""', 0, 1],
    ['{"a":1}', 1, 3],
    [String.raw`"\""`, 0, 3],
    [String.raw`"\\"`, 0, 3],
    [String.raw`"\\\"a" "b"`, 0, 6],
    ['"never', 0, 6],
  ];
  for (const [json, start, end] of cases) {
    it(`finds the end of ${json}`, () => expect(endOfText(json, start)).to.equal(end));
  }
});
