import { expect } from "chai";
import { describe, it } from "mocha";

import { formatDuration } from "../../../framework/base/formatDuration.ts";

describe("formatDuration()", () => {
  for (const [seconds, text] of [
    [12.4, "12s"],
    [200, "3m 20s"],
    [3720, "1h 02m"],
  ] as const) {
    it(`writes ${seconds} s as ${text}`, () => {
      expect(formatDuration(seconds)).to.equal(text);
    });
  }
});
