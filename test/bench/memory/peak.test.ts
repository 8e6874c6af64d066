import { expect } from "chai";
import { describe, it } from "mocha";

import { faultsOf, peakOf, peakTable, type Peak } from "./peak.ts";

const peak = (changes: Partial<Peak>): Peak => ({
  name: "unet",
  peakMb: 750,
  pyTorchMb: 750,
  losses: [0.5],
  ...changes,
});

describe("peakOf()", () => {
  it("has PyTorch's memory, null where it did not run", () => {
    const times = { ms: 6, ratio: 1.5, quartiles: [1.4, 1.6], peakMb: 80 } as const;
    const measured = { name: "unet", ms: 4, losses: [0.5], peakMb: 90 };
    expect(peakOf({ ...measured, peers: { pytorch: times } }).pyTorchMb).to.equal(80);
    expect(peakOf({ ...measured, peers: { pytorch: { reason: "gone" } } }).pyTorchMb).to.equal(
      null,
    );
    expect(peakOf({ ...measured, peers: {} }).pyTorchMb).to.equal(null);
  });
});

describe("peakTable()", () => {
  it("has a ratio where PyTorch ran", () => {
    const lines = peakTable([peak({ pyTorchMb: 600 }), peak({ pyTorchMb: null })]).split("\n");
    expect(lines[2]).to.match(/\| +750 \| +600 \| +1\.25 \|$/);
    expect(lines[3]).to.match(/\| +750 \| +\| +\|$/);
  });
});

describe("faultsOf()", () => {
  const wide = peak({ name: "unet-wide", peakMb: 1000, pyTorchMb: null });
  const cases: { name: string; peaks: Peak[]; faults: string[] }[] = [
    { name: "none at 1.2 times PyTorch's memory", peaks: [peak({ peakMb: 900 })], faults: [] },
    { name: "none without PyTorch", peaks: [peak({ pyTorchMb: null })], faults: [] },
    {
      name: "more memory",
      peaks: [peak({ peakMb: 901 })],
      faults: ["unet takes more than 1.2 times PyTorch's memory"],
    },
    {
      name: "none if checkpointing saves a quarter",
      peaks: [wide, { ...wide, name: "unet-checkpointed", peakMb: 750, losses: [0.500001] }],
      faults: [],
    },
    {
      name: "checkpointing that saves little and computes something else",
      peaks: [wide, { ...wide, name: "unet-checkpointed", peakMb: 751, losses: [0.6] }],
      faults: [
        "gradient checkpointing changes the losses",
        "gradient checkpointing saves less than 25 %",
      ],
    },
  ];
  for (const { name, peaks, faults } of cases) {
    it(`finds ${name}`, () => {
      expect(faultsOf(peaks)).to.deep.equal(faults);
    });
  }
});
