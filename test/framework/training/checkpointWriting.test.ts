import { expect } from "chai";
import { describe, it } from "mocha";

import { copiedBytes } from "../../../framework/training/checkpointWriting.ts";

const saved = (size: number): Parameters<typeof copiedBytes>[0] => ({
  parameters: new Map([["weight", { size }]]),
  optimizer: new Map([
    ["mean", { size }],
    ["variance", { size }],
  ]),
  callbacks: new Map([["average/weight", { size }]]),
});
const saving = [{ kind: "checkpoint" }] as const;

describe("copiedBytes()", () => {
  it("counts all that is saved where a thread is asked for", () => {
    expect(copiedBytes(saved(10), [], { async: true })).to.equal(4 * 4 * 10);
    expect(copiedBytes(saved(1e8), saving, { async: false })).to.equal(0);
  });

  it("leaves it to the size, and to whether anything saves, with `auto`", () => {
    const [small, large] = [saved(3.9e6), saved(4e6)];
    const auto = { async: "auto" } as const;
    expect(copiedBytes(small, saving, auto)).to.equal(0);
    expect(copiedBytes(large, saving, auto)).to.equal(64e6);
    expect(copiedBytes(large, [], auto)).to.equal(0);
  });
});
