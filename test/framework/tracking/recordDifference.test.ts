import { expect } from "chai";
import { describe, it } from "mocha";

import type { RunRecord } from "../../../framework/tracking/metricsFile.ts";
import { compareRecords } from "../../../framework/tracking/recordDifference.ts";

const metrics = (step: number, values: Readonly<Record<string, number>>): RunRecord => ({
  ...{ kind: "metrics", step, epoch: 0, wallTimeSeconds: 1e9 + step },
  metrics: values,
});
const text = (step: number, value: string): RunRecord => ({
  ...{ kind: "text", step, epoch: 0, wallTimeSeconds: step },
  ...{ key: "note", text: value },
});

describe("compareRecords()", () => {
  it("finds the first step at which each name differs, the earliest first", () => {
    const first = [1, 2, 3].map((step) => metrics(step, { loss: step, accuracy: 1 }));
    const second = [
      metrics(1, { loss: 1, accuracy: 1 }),
      metrics(2, { loss: 2, accuracy: 1 - 2 ** -53 }),
      metrics(3, { loss: 3.5, accuracy: 0 }),
    ];
    const { differences, equal, upToStep } = compareRecords(first, second);
    expect(differences).to.deep.equal([
      { name: "accuracy", step: 2, values: ["1", "0.9999999999999999"] },
      { name: "loss", step: 3, values: ["3", "3.5"] },
    ]);
    expect([equal, upToStep]).to.deep.equal([0, 3]);
  });

  it("compares as far as both have got, and counts what is equal", () => {
    const first = [metrics(1, { loss: NaN }), metrics(2, { loss: 5 }), text(2, "a")];
    const second = [
      metrics(1, { loss: NaN }),
      metrics(2, { loss: 5 }),
      text(2, "a"),
      metrics(9, {}),
    ];
    const { differences, equal, upToStep } = compareRecords(first, second);
    expect([differences.length, equal, upToStep]).to.deep.equal([0, 3, 2]);
  });

  it("tells zeros apart by their sign, and what one run alone has logged", () => {
    const { differences } = compareRecords(
      [metrics(1, { zero: 0, loss: 1 }), text(1, "a")],
      [metrics(1, { zero: -0 }), text(1, "b")],
    );
    expect(differences.map(({ name, values }) => [name, ...values])).to.deep.equal([
      ["zero", "0", "-0"],
      ["loss", "1", undefined],
      ["note", '{"text":"a"}', '{"text":"b"}'],
    ]);
  });

  it("goes by the last of several values at a step, as those of a resumed run", () => {
    const resumed = [metrics(1, { loss: 1 }), metrics(2, { loss: 7 }), metrics(2, { loss: 2 })];
    const { differences } = compareRecords(resumed, [
      metrics(1, { loss: 1 }),
      metrics(2, { loss: 2 }),
    ]);
    expect(differences).to.deep.equal([]);
  });

  it("leaves out, and names, what tells how fast the machine was", () => {
    const fast = { "train/samplesPerSecond": 9, "train/time": 1, "deviceStatsMonitor/cpu": 3 };
    const slow = { "train/samplesPerSecond": 2, "train/time": 5, "deviceStatsMonitor/cpu": 1 };
    const { differences, ofTheMachine } = compareRecords([metrics(1, fast)], [metrics(1, slow)]);
    expect(differences).to.deep.equal([]);
    expect(ofTheMachine).to.deep.equal(Object.keys(fast));
  });
});
