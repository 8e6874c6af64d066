import { expect } from "chai";
import { describe, it } from "mocha";

import { ApiError } from "../../../../framework/serve/apiError.ts";
import type { ApiKey } from "../../../../framework/serve/keys/apiKey.ts";
import { durationText, KeyLimits } from "../../../../framework/serve/limits/keyLimits.ts";

const key: ApiKey = {
  ...{ name: "ada", hash: "", createdAt: "" },
  ...{ requestsPerMinute: 2, tokensPerMinute: 600 },
};
const other: ApiKey = { ...key, name: "bob" };

/** The error that work throws. */
function refusal(work: () => unknown): ApiError | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  return undefined;
}

describe("KeyLimits", () => {
  it("refuses requests too many until there is room, of one key alone", () => {
    let now = 0;
    const limits = new KeyLimits(() => now);
    limits.takeRequest(key);
    limits.takeRequest(key);
    const refused = refusal(() => limits.takeRequest(key));
    expect(refused).to.deep.include({ status: 429, retryAfterMs: 30_000 });
    expect(refused!.body.error).to.include({ type: "requests", code: "rate_limit_exceeded" });
    expect(refused!.message).to.include("2 requests per minute").and.to.include("in 30s");
    limits.takeRequest(other);
    now = 30_000;
    limits.takeRequest(key);
  });

  it("reserves what an answer may take, and gives back what it did not", () => {
    let now = 0;
    const limits = new KeyLimits(() => now);
    const settle = limits.reserveTokens(key, 900);
    const refused = refusal(() => limits.reserveTokens(key, 1));
    expect(refused).to.deep.include({ status: 429, retryAfterMs: 30_100 });
    expect(refused!.body.error.type).to.equal("tokens");
    settle(500);
    expect(limits.headers(key)).to.include({ "x-ratelimit-remaining-tokens": "100" });
    limits.reserveTokens(key, 100);
    expect(refusal(() => limits.reserveTokens(key, 1))).to.include({ retryAfterMs: 100 });
  });

  it("tells what is left, and when all of it is", () => {
    const limits = new KeyLimits(() => 0);
    limits.takeRequest(key);
    limits.reserveTokens(key, 1);
    expect(limits.headers(key)).to.deep.equal({
      "x-ratelimit-limit-requests": "2",
      "x-ratelimit-remaining-requests": "1",
      "x-ratelimit-reset-requests": "30s",
      "x-ratelimit-limit-tokens": "600",
      "x-ratelimit-remaining-tokens": "599",
      "x-ratelimit-reset-tokens": "100ms",
    });
    const { name, hash, createdAt } = key;
    expect(limits.headers({ name, hash, createdAt })).to.deep.equal({});
  });

  it("follows an allowance that has changed", () => {
    const limits = new KeyLimits(() => 0);
    limits.takeRequest({ ...key, requestsPerMinute: 1 });
    limits.takeRequest({ ...key, requestsPerMinute: 5 });
    expect(limits.headers({ ...key, requestsPerMinute: 5 })).to.include({
      "x-ratelimit-remaining-requests": "4",
    });
  });
});

describe("durationText()", () => {
  for (const [milliseconds, text] of [
    [0, "0ms"],
    [16.2, "17ms"],
    [1500, "1.5s"],
    [59_991, "1m0s"],
    [360_000, "6m0s"],
    [61_200, "1m2s"],
  ] as const) {
    it(`is ${text} for ${milliseconds} ms`, () => {
      expect(durationText(milliseconds)).to.equal(text);
    });
  }
});
