import { expect } from "chai";
import { describe, it } from "mocha";

import { packSummary, unpackSummary } from "../../../framework/store/blockExtremes.ts";
import { CurveValues } from "../../../framework/store/curveValues.ts";
import { GrowingArray } from "../../../framework/store/growingArray.ts";

describe("CurveValues", () => {
  const stored = Float64Array.from({ length: 5000 }, (_, i) => (i * 7919) % 4999);

  /** Values that lie in a file, and the parts of it that were read. */
  function inFile(): {
    column: GrowingArray<Float64Array>;
    values: CurveValues;
    parts: number[][];
  } {
    const parts: number[][] = [];
    const column = GrowingArray.float64(stored.length, (from, count) => {
      parts.push([from, count]);
      return stored.slice(from, from + count);
    });
    const { bytes, nonFinite } = packSummary(stored);
    const summary = unpackSummary(bytes.buffer, stored.length, nonFinite);
    return { column, values: new CurveValues(column, () => summary), parts };
  }

  it("reads values with their neighbours, once, and all when all are wanted", () => {
    const { values, parts } = inFile();
    for (let i = 2100; i < 2200; i++) expect(values.at(i)).to.equal(stored[i]);
    for (let i = 4900; i < 5000; i++) expect(values.at(i)).to.equal(stored[i]);
    expect(parts).to.deep.equal([
      [2048, 2048],
      [4096, 904],
    ]);
    expect(values.buffers().length).to.equal(3);
    expect([...values.all()]).to.deep.equal([...stored]);
    expect(values.at(17)).to.equal(stored[17]);
    expect(parts.slice(2)).to.deep.equal([[0, 5000]]);
    expect(values.buffers().length).to.equal(2);
  });

  it("are what they were when more comes", () => {
    const { column, values } = inFile();
    column.push(1);
    expect([values.length, values.all().length, values.at(4999)]).to.deep.equal([
      5000,
      5000,
      stored[4999],
    ]);
  });
});
