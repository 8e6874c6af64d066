import { expect } from "chai";
import { describe, it } from "mocha";

import { TokenBucket } from "../../../../framework/serve/limits/tokenBucket.ts";

/** A bucket, and a clock that is set by hand. */
function bucketAt(perMinute: number): { bucket: TokenBucket; clock: { ms: number } } {
  const clock = { ms: 1000 };
  return { clock, bucket: new TokenBucket(perMinute, () => clock.ms) };
}

describe("TokenBucket", () => {
  it("has a minute's worth at first, and comes back evenly", () => {
    const { bucket, clock } = bucketAt(60);
    bucket.take(60);
    expect(bucket.level).to.equal(0);
    expect(bucket.waitMs(1)).to.equal(1000);
    clock.ms += 2500;
    expect(bucket.level).to.equal(2.5);
    expect(bucket.waitMs(4)).to.equal(1500);
  });

  it("never holds more than for a minute", () => {
    const { bucket, clock } = bucketAt(6);
    clock.ms += 3_600_000;
    expect(bucket.level).to.equal(6);
    bucket.giveBack(3);
    expect(bucket.level).to.equal(6);
  });

  it("may be overdrawn, which takes longer to come back", () => {
    const { bucket } = bucketAt(60);
    bucket.take(90);
    expect(bucket.level).to.equal(-30);
    expect(bucket.waitMs(1)).to.equal(31_000);
    bucket.giveBack(40);
    expect(bucket.level).to.equal(10);
    expect(bucket.waitMs(1)).to.equal(0);
  });
});
