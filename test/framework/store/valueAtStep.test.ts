import { appendFileSync, rmSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { RunIndex } from "../../../framework/store/runIndex.ts";
import { Series } from "../../../framework/store/series.ts";
import { valueAtStep } from "../../../framework/store/valueAtStep.ts";
import { metricLine, writeRun } from "../../support/runFolders.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("valueAtStep()", () => {
  const folder = temporaryFolder();

  it("finds values in curves, and asks a curve once", async () => {
    writeRun(folder.path("runs/toy/a"), {
      points: [
        [10, { loss: 3 }],
        [20, { loss: 2 }],
      ],
    });
    const index = await RunIndex.open({ folders: [folder.path("runs")], cacheFolder: null });
    const at = valueAtStep(new Series({ cacheFolder: null }));
    const steps = [5, 10, 19, 20, 100].map((step) => at(index.run("a")!, "loss", step));
    expect(steps).to.deep.equal([undefined, 3, 3, 2, 2]);
    expect(at(index.run("a")!, "none", 5)).to.equal(undefined);
    appendFileSync(folder.path("runs/toy/a/metrics.jsonl"), metricLine([30, { loss: 1 }]));
    await index.refresh();
    expect(at(index.run("a")!, "loss", 25), "after a change").to.equal(2);
    rmSync(folder.path("runs/toy/a/metrics.jsonl"));
    expect(at(index.run("a")!, "loss", 25), "kept").to.equal(2);
  });
});
