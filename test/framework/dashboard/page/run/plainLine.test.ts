import { expect } from "chai";
import { describe, it } from "mocha";

import { plainLine } from "../../../../../framework/dashboard/page/run/plainLine.ts";

describe("plainLine()", () => {
  for (const [text, plain] of [
    ["\u001b[32mloss\u001b[0m 0.5", "loss 0.5"],
    ["step 1\rstep 2\rstep 3\r", "step 3"],
    ["\u001b]0;title\u0007text", "text"],
    ["array[0] <b>", "array[0] <b>"],
  ] as const) {
    it(`shows ${JSON.stringify(text)} as ${plain}`, () => expect(plainLine(text)).to.equal(plain));
  }
});
