import { expect } from "chai";
import { describe, it } from "mocha";

import { metricsRow, unchangingMetrics } from "../../../framework/tracking/metricsRow.ts";

describe("metricsRow()", () => {
  const point = { step: 1, epoch: 0, wallTimeSeconds: 2 };

  it("has the names in their order, and values of its own", () => {
    const metrics = { loss: 0.5, accuracy: NaN };
    const { names, values, point: own } = metricsRow(metrics, point);
    metrics.loss = 7;
    expect(names).to.deep.equal(["loss", "accuracy"]);
    expect(values).to.deep.equal(Float64Array.of(0.5, NaN));
    expect(own).to.equal(point);
    expect(metricsRow(metrics, point).values[0], "changed, and logged once more").to.equal(7);
  });

  it("has its numbers in text, each to the last bit", () => {
    const numbers = [0.1, Math.fround(0.1), -0, NaN, -Infinity, 5e-324, 1e21, -123456];
    const metrics = Object.fromEntries(numbers.map((number, i) => [`value ${i}`, number]));
    const { ends, bytes } = metricsRow(metrics, point).texts;
    const texts = Array.from(ends, (end, i) =>
      Buffer.from(bytes.subarray(i > 0 ? ends[i - 1] : 0, end)).toString(),
    );
    expect(texts.map(Number)).to.deep.equal(numbers);
    expect(bytes.length).to.equal(ends.at(-1));
  });

  it("is one object for all loggers of metrics that do not change", () => {
    const metrics = unchangingMetrics({ loss: 0.5 });
    const row = metricsRow(metrics, point);
    expect(metricsRow(metrics, point)).to.equal(row);
    const later = { ...point, step: 2 };
    expect(metricsRow(metrics, later).point).to.equal(later);
  });

  it("has the array of names that rows before had, of some such in turns", () => {
    const sets = ["a", "b", "c"].map((name) => ({ [name]: 1, loss: 2 }));
    const first = sets.map((metrics) => metricsRow(metrics, point).names);
    for (let turn = 0; turn < 3; turn++) {
      for (const [i, metrics] of sets.entries()) {
        expect(metricsRow({ ...metrics }, point).names).to.equal(first[i]);
      }
    }
    const turned = metricsRow({ loss: 2, a: 1 }, point).names;
    expect(turned, "in another order").to.deep.equal(["loss", "a"]);
  });
});
