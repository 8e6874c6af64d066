import { expect } from "chai";
import { describe, it } from "mocha";

import { pageOf } from "./report.ts";

describe("pageOf()", () => {
  it("has a section for each kind of work, and who was there", () => {
    const measured = { ms: 4, losses: [], peers: {}, peakMb: 90 };
    const page = pageOf({
      measurements: ["unet", "sampling", "softmax 16 M elements"].map((name) => ({
        name,
        ...measured,
      })),
      engine: {
        figures: [{ name: "engine-capture", title: "capture", ms: 2410, target: 5000 }],
        peakMb: 900,
      },
      passes: [{ workload: "unet", ms: 340, ratios: { lanes: 1.25 } }],
      threads: 2,
      peers: [{ title: "PyTorch 2.13.0" }],
    });
    expect(page).to.match(/PyTorch 2\.13\.0; 2 threads each/);
    const sections = page.split("\n## ").slice(1);
    expect(sections.map((section) => section.split("\n")[0])).to.deep.equal([
      "Training steps",
      "Sampling steps",
      "Single operations",
      "The engine and the Trainer",
      "Passes over the graph",
    ]);
    for (const [i, row] of [
      "| UNet,",
      "| Guided",
      "| softmax",
      "| capture",
      "| updates of",
    ].entries())
      expect(sections[i]).to.include(row);
  });
});
