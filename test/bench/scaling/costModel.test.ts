import { expect } from "chai";
import { describe, it } from "mocha";

import { efficiency, exchangeMs, usefulWorkers, type Network } from "./costModel.ts";

const step = { name: "step", parameters: 2 ** 20, computeMs: 100 }; // one bucket of 4 MiB
const instant: Network = { name: "instant", latencyMs: 0, bytesPerSecond: Infinity };

describe("exchangeMs()", () => {
  it("is nothing for one worker", () => {
    expect(exchangeMs(step, 1, { name: "slow", latencyMs: 9, bytesPerSecond: 1 })).to.equal(0);
  });

  it("has 2 (n - 1) messages around the ring, and short calls of 2 log2(n)", () => {
    const host = exchangeMs(step, 4, instant);
    const late = exchangeMs(step, 4, { ...instant, latencyMs: 1 });
    expect(late - host).to.be.closeTo(2 * 3 + 4 * 2 * 2, 1e-9);
  });

  it("moves each byte twice, but for a worker's own part", () => {
    const host = exchangeMs(step, 4, instant);
    const slow = exchangeMs(step, 4, { ...instant, bytesPerSecond: 2 ** 22 });
    expect(slow - host).to.be.closeTo(1000 * 2 * 0.75, 1e-9);
  });

  it("has the latency of every bucket", () => {
    const network = { ...instant, latencyMs: 1 };
    const two = { ...step, parameters: 2 ** 21 };
    const latency = (given: typeof step): number =>
      exchangeMs(given, 2, network) - exchangeMs(given, 2, instant);
    expect(latency(two) - latency(step)).to.be.closeTo(2, 1e-9);
  });
});

describe("efficiency()", () => {
  it("is the part of a step that computes", () => {
    const wait = exchangeMs(step, 2, instant);
    expect(efficiency(step, 2, instant)).to.be.closeTo(100 / (100 + wait), 1e-12);
  });
});

describe("usefulWorkers()", () => {
  it("is where half of the time is lost", () => {
    const network = { ...instant, latencyMs: 1 };
    const counts = [8, 16, 32, 64];
    expect(usefulWorkers(step, network, counts)).to.equal(16); // 2 x 15 + 32 of 100 ms, then 2 x 31 + 40
    expect(usefulWorkers({ ...step, computeMs: 1 }, network, counts)).to.equal(undefined);
  });
});
