import { expect } from "chai";
import { describe, it } from "mocha";

import { isMemoryEstimate } from "./memoryEstimate.ts";
import { MemoryShortageError, runApart } from "./runApart.ts";

describe("runApart()", () => {
  it("ends a process when memory gets short", async () => {
    const more = 2 ** 50; // than any machine has
    const caught: unknown = await runApart(
      "estimateMemory.ts",
      ["unet"],
      isMemoryEstimate,
      more,
    ).catch((error: unknown) => error);
    expect(caught).to.be.instanceOf(MemoryShortageError);
  });
});
