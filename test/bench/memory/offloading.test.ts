import { expect } from "chai";
import { describe, it } from "mocha";

import { offloadingFaults, offloadingTable, type OffloadingPeak } from "./offloading.ts";

const inMemory: OffloadingPeak = {
  placement: "memory",
  trainable: 50_000_000, // 400 MB of moments
  losses: [1, 0.5],
  stepSeconds: 2,
  peakMb: 1000,
};
const inFiles: OffloadingPeak = {
  ...inMemory,
  placement: "files",
  stepSeconds: 3,
  peakMb: 650,
};

describe("offloadingTable()", () => {
  it("has peaks and times with their ratios to the first", () => {
    const lines = offloadingTable([inMemory, inFiles]).split("\n");
    expect(lines[2]).to.match(/in memory \| 50,000,000 \| +1000 \| +1\.00 \| +2\.00 \| +1\.00 \|$/);
    expect(lines[3]).to.match(/in files +\| 50,000,000 \| +650 \| +0\.65 \| +3\.00 \| +1\.50 \|$/);
  });
});

describe("offloadingFaults()", () => {
  for (const { title, files, faults } of [
    { title: "none", files: inFiles, faults: [] },
    {
      title: "too little saved",
      files: { ...inFiles, peakMb: 681 },
      faults: ["files save 80 % of the moments' 400 MB, less than 80 %"],
    },
    {
      title: "other losses",
      files: { ...inFiles, losses: [1, 0.5000001] },
      faults: ["losses are other bits"],
    },
  ]) {
    it(`finds ${title}`, () => {
      expect(offloadingFaults([inMemory, files])).to.deep.equal(faults);
    });
  }
});
