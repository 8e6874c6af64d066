import { expect } from "chai";
import { describe, it } from "mocha";

import { metricGroups } from "../../../../../framework/dashboard/page/charts/metricGroups.ts";

describe("metricGroups()", () => {
  const metrics = [
    "speed/it",
    "val/loss",
    "train/b",
    "loss",
    "train/layer10",
    "train/layer9",
    "/x",
  ];

  it("gathers metrics by the first part of their names, training and validation first", () => {
    expect(metricGroups(metrics, "")).to.deep.equal([
      { name: "", metrics: ["/x", "loss"] },
      { name: "train", metrics: ["train/b", "train/layer9", "train/layer10"] },
      { name: "val", metrics: ["val/loss"] },
      { name: "speed", metrics: ["speed/it"] },
    ]);
  });

  it("keeps those with all words in their names", () => {
    expect(metricGroups(metrics, "LAYER train")).to.deep.equal([
      { name: "train", metrics: ["train/layer9", "train/layer10"] },
    ]);
  });
});
