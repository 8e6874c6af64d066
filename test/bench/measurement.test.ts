import { expect } from "chai";
import { describe, it } from "mocha";

import { mergeMeasurements } from "./measurement.ts";

describe("mergeMeasurements()", () => {
  it("keeps our first time, and all peers", () => {
    const failure = { reason: "killed" };
    const ours = { name: "unet-sd", losses: [2], peakMb: 4000 };
    expect(
      mergeMeasurements([
        { ...ours, ms: 3000, peers: { pytorch: failure } },
        { ...ours, ms: 3100, peers: { wasm: failure } },
      ]),
    ).to.deep.equal({ ...ours, ms: 3000, peers: { pytorch: failure, wasm: failure } });
  });
});
