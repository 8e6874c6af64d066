import { expect } from "chai";
import { describe, it } from "mocha";

import { formatByteCount, parseByteCount } from "../../../framework/base/byteCount.ts";

describe("parseByteCount()", () => {
  const cases: [text: string, bytes: number][] = [
    ["7 B", 7],
    ["500 MB", 5e8],
    ["1.5GB", 1.5e9],
    ["2 GiB", 2 ** 31],
    ["3 kB", 3000],
  ];
  for (const [text, bytes] of cases) {
    it(`reads ${text}`, () => expect(parseByteCount(text)).to.equal(bytes));
  }
  for (const text of ["", "5", "5 gb", "-1 MB", "1e3 MB", "MB"]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseByteCount(text)).to.throw(RangeError, `got "${text}"`);
    });
  }
});

describe("formatByteCount()", () => {
  it("has the largest unit of which there is one", () => {
    const texts = [0, 999, 1500, 5e8, 1_073_741_824].map(formatByteCount);
    expect(texts).to.deep.equal(["0 B", "999 B", "1.5 kB", "500 MB", "1.07 GB"]);
  });
});
