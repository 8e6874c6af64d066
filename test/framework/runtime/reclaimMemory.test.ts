import { expect } from "chai";
import { describe, it } from "mocha";

import { reclaimLargeArrays, reclaimMemory } from "../../../framework/runtime/reclaimMemory.ts";
import { allocate } from "../../../framework/runtime/session.ts";

const megabytes = 64;

/** Arrays of a megabyte, which glibc does not give back by itself once some were freed. */
function fill(): number {
  const arrays = Array.from({ length: megabytes }, () => allocate("float32", 2 ** 18).fill(1));
  return arrays.length;
}

describe("reclaimMemory()", () => {
  it("gives arrays back to the system that nobody refers to", () => {
    reclaimMemory();
    const { arrayBuffers, rss } = process.memoryUsage();
    fill();
    reclaimMemory();
    const after = process.memoryUsage();
    expect(after.arrayBuffers - arrayBuffers).to.be.lessThan(2 ** 20);
    expect(after.rss - rss).to.be.lessThan((megabytes / 2) * 2 ** 20);
  });

  it("leaves those that somebody refers to", () => {
    const array = allocate("float32", 2 ** 18).fill(1);
    reclaimMemory();
    expect(array[2 ** 18 - 1]).to.equal(1);
  });
});

describe("reclaimLargeArrays()", () => {
  const arrayBytes = (): number => process.memoryUsage().arrayBuffers;

  it("does the same where 64 MB have come since it did so last", () => {
    const large = allocate("float32", megabytes * 2 ** 18).fill(1);
    reclaimLargeArrays();
    const before = arrayBytes();
    fill();
    reclaimLargeArrays();
    expect(arrayBytes() - before).to.be.lessThan(2 ** 20);
    allocate("float32", 2 ** 18).fill(1);
    reclaimLargeArrays(); // for one megabyte it does nothing
    expect(arrayBytes() - before).to.be.at.least(2 ** 20);
    expect(large[0]).to.equal(1);
  });
});
