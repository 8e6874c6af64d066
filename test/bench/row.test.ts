import { expect } from "chai";
import { describe, it } from "mocha";

import { rowOf } from "./row.ts";

describe("rowOf()", () => {
  it("has a ratio to every peer, null where there is none", () => {
    const times = { ms: 6, ratio: 1.5, quartiles: [1.4, 1.6], peakMb: 80 } as const;
    const missing = { reason: "no kernel", lacks: "kernel Erf" };
    const row = rowOf({
      name: "unet",
      ms: 4,
      losses: [0.5],
      peers: { "tfjs-node": times, wasm: missing },
      peakMb: 90,
    });
    expect(row).to.deep.equal({
      name: "unet",
      ms: 4,
      ratioToPyTorch: null,
      ratioToTfjsNode: 1.5,
      ratioToWasm: null,
      peakMb: 90,
      losses: [0.5],
      peers: { "tfjs-node": times, wasm: missing },
    });
    expect(Object.keys(row).slice(0, 6)).to.deep.equal([
      "name",
      "ms",
      "ratioToPyTorch",
      "ratioToTfjsNode",
      "ratioToWasm",
      "peakMb",
    ]);
  });
});
