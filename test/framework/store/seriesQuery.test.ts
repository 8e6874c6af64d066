import { expect } from "chai";
import { describe, it } from "mocha";

import { RunIndex } from "../../../framework/store/runIndex.ts";
import { Series } from "../../../framework/store/series.ts";
import {
  querySeries,
  type DrawnCurve,
  type SeriesQuery,
} from "../../../framework/store/seriesQuery.ts";
import { writeRun } from "../../support/runFolders.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const all: SeriesQuery = {
  runs: [{ label: "one", keys: ["a"] }],
  metrics: ["loss"],
  x: "step",
  from: null,
  to: null,
  points: 100,
  band: "none",
  smoothing: { kind: "none", weight: 0 },
};

describe("querySeries()", () => {
  const folder = temporaryFolder();
  async function ask(query: Partial<SeriesQuery>): Promise<DrawnCurve[]> {
    writeRun(folder.path("runs/toy/a"), {
      points: [
        [0, { loss: 4, samples: 0 }],
        [10, { loss: 2, samples: 320 }],
        [20, { loss: NaN }],
      ],
    });
    writeRun(folder.path("runs/toy/b"), {
      points: [
        [0, { loss: 8 }],
        [10, { loss: 4, accuracy: 1 }],
      ],
    });
    const index = await RunIndex.open({ folders: [folder.path("runs")], cacheFolder: null });
    const series = new Series({ cacheFolder: null });
    return querySeries({ ...all, ...query }, series, (key) => index.run(key));
  }

  it("draws a run's metric over its steps, and tells where it is not finite", async () => {
    expect(await ask({})).to.deep.equal([
      {
        label: "one",
        metric: "loss",
        count: 3,
        x: [0, 10, 20],
        y: [4, 2, NaN],
        nonFinite: [{ x: 20, value: NaN }],
      },
    ]);
  });

  const axes: [SeriesQuery["x"], number[]][] = [
    ["epoch", [0, 1, 2]],
    ["time", [1_767_225_600, 1_767_226_200, 1_767_226_800]],
    ["relativeTime", [0, 600, 1200]],
    [{ metric: "samples" }, [0, 320, 320]],
  ];
  for (const [x, expected] of axes) {
    it(`draws over ${JSON.stringify(x)}`, async () => {
      const [curve] = await ask({ x });
      expect(curve?.x).to.deep.equal(expected);
    });
  }

  it("averages the runs of a group, with a band", async () => {
    const runs = [{ label: "both", keys: ["a", "b"] }];
    const [deviation] = await ask({ runs, band: "deviation" });
    expect(deviation).to.deep.include({ label: "both", x: [0, 10], y: [6, 3] });
    expect(deviation?.lower![0]).to.be.closeTo(6 - Math.sqrt(8), 1e-12);
    expect(deviation?.upper![0]).to.be.closeTo(6 + Math.sqrt(8), 1e-12);
    const [error] = await ask({ runs, band: "standardError" });
    expect(error?.upper![0]).to.be.closeTo(6 + 2, 1e-12);
    expect((await ask({ runs, band: "minMax" }))[0]).to.deep.include({
      lower: [4, 2],
      upper: [8, 4],
    });
  });

  it("gives an edge of its own to a group's part that one run alone reaches", async () => {
    const runs = [{ label: "both", keys: ["a", "b"] }];
    const [curve] = await ask({ runs, metrics: ["accuracy"], band: "deviation" });
    expect(curve).to.deep.include({ y: [1], lower: [1], upper: [1] });
  });

  it("adds smoothed values at the same places", async () => {
    const [curve] = await ask({ smoothing: { kind: "exponential", weight: 0.5 } });
    expect(curve?.smooth).to.deep.equal([4, (4 * 0.25 + 2 * 0.5) / 0.75, NaN]);
  });

  it("leaves out what is not there", async () => {
    expect(await ask({ metrics: ["accuracy"] })).to.deep.equal([]);
    expect(await ask({ runs: [{ label: "gone", keys: ["x"] }] })).to.deep.equal([]);
    expect(await ask({ x: { metric: "nothing" } })).to.deep.equal([]);
  });
});
