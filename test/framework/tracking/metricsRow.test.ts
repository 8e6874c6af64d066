import { expect } from "chai";
import { describe, it } from "mocha";

import { MetricsLines } from "../../../framework/tracking/metricsLines.ts";
import { metricsOf, metricsRow } from "../../../framework/tracking/metricsRow.ts";

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

  it("is undone by metricsOf()", () => {
    const metrics = { loss: 0.5, accuracy: NaN, zero: -0 };
    expect(metricsOf(metricsRow(metrics, point))).to.deep.equal(metrics);
  });

  it("has its numbers in text, each to the last bit", () => {
    const numbers = [0.1, Math.fround(0.1), -0, NaN, -Infinity, 5e-324, 1e21, -123456];
    const metrics = Object.fromEntries(numbers.map((number, i) => [`value ${i}`, number]));
    const { offsets, words } = metricsRow(metrics, point).texts;
    const texts = Buffer.from(words.buffer);
    const read = numbers.map((_, i) =>
      Number(texts.toString("latin1", offsets[i], offsets[i + 1])),
    );
    expect(read).to.deep.equal(numbers);
    expect(offsets.length).to.equal(numbers.length + 1);
  });

  it("keeps its values and texts while many rows are made", () => {
    const rows = Array.from({ length: 300 }, (_, i) =>
      metricsRow({ a: i, b: i / 7, c: -i }, point),
    );
    const lines = rows.map((row) => Buffer.from(new MetricsLines().encode([row])).toString());
    for (const [i, row] of rows.entries()) {
      expect([...row.values]).to.deep.equal([i, i / 7, -i]);
      expect(JSON.parse(lines[i]!).metrics).to.deep.equal({ a: i, b: i / 7, c: -i });
    }
  });

  it("may have more values than memory is taken for at once", () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `value ${i}`);
    const row = metricsRow(Object.fromEntries(names.map((name, i) => [name, i / 3])), point);
    const line = JSON.parse(Buffer.from(new MetricsLines().encode([row])).toString());
    expect(Object.keys(line.metrics)).to.deep.equal(names);
    expect(Object.values(line.metrics)).to.deep.equal(names.map((_, i) => i / 3));
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
