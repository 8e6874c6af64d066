import { expect } from "chai";
import { describe, it } from "mocha";

import { freezingFaults, freezingTable, type FreezingPeak } from "./freezing.ts";

const peak = (freezing: FreezingPeak["freezing"], peakMb: number): FreezingPeak => ({
  freezing,
  trainable: 1000,
  losses: [1, 0.9],
  baseMb: 200,
  peakMb,
});
const whole = peak("everything", 1200);

describe("freezingTable()", () => {
  it("has what is taken beyond the program's own memory, and what that saves", () => {
    const lines = freezingTable([whole, peak("lora", 500)]).split("\n");
    expect(lines[2]).to.match(/\| +1,000 \| +1000 \| +0 % \|$/);
    expect(lines[3]).to.match(/\| +1,000 \| +300 \| +70 % \|$/);
  });
});

describe("freezingFaults()", () => {
  const cases: { title: string; peaks: FreezingPeak[]; faults: string[] }[] = [
    { title: "none", peaks: [whole, peak("vae", 1100), peak("vae+text", 800)], faults: [] },
    { title: "none of what has nothing beside it", peaks: [peak("lora", 900)], faults: [] },
    {
      title: "too little saved",
      peaks: [whole, peak("vae+text", 801), peak("lora", 601)],
      faults: ["vae+text saves less than 40 %", "lora saves less than 60 %"],
    },
    {
      title: "a broken loss",
      peaks: [{ ...whole, losses: [Number.NaN] }],
      faults: ["everything has a loss that is not finite"],
    },
  ];
  for (const { title, peaks, faults } of cases) {
    it(`finds ${title}`, () => {
      expect(freezingFaults(peaks)).to.deep.equal(faults);
    });
  }
});
