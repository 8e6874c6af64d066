import { expect } from "chai";
import { describe, it } from "mocha";

import { lackOfMemory } from "./memoryEstimate.ts";

describe("lackOfMemory()", () => {
  it("says how much is needed and how much there is", () => {
    const estimate = { name: "sd-full-train", neededMb: 22_683.6 };
    expect(lackOfMemory(estimate, 22_700)).to.equal(undefined);
    expect(lackOfMemory(estimate, 21_000)).to.equal(
      "sd-full-train is left out: it needs about 22684 MB, of which 21000 are there",
    );
  });
});
