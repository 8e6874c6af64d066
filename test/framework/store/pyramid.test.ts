import { expect } from "chai";
import { describe, it } from "mocha";

import { Pyramid } from "../../../framework/store/pyramid.ts";

/** By looking at every value. */
function slowExtremes(values: Float64Array, from: number, to: number): number[] | undefined {
  const places = Array.from({ length: to - from }, (_, i) => from + i);
  const finite = places.filter((place) => Number.isFinite(values[place]));
  if (finite.length === 0) return undefined;
  const value = (place: number): number => values[place]!;
  const low = finite.reduce((best, place) => (value(place) < value(best) ? place : best));
  const high = finite.reduce((best, place) => (value(place) > value(best) ? place : best));
  return [low, high];
}

describe("Pyramid", () => {
  const values = Float64Array.from({ length: 5000 }, (_, i) => (i * 7919) % 1009);
  for (const place of [0, 31, 32, 1023, 1024, 4095, 4096]) values[place] = NaN;
  values.fill(Infinity, 600, 700);
  const pyramid = new Pyramid(values);

  for (const [from, to] of [
    [0, 5000],
    [0, 4096],
    [1, 4999],
    [15, 17],
    [250, 520],
    [610, 690],
    [590, 710],
    [4096, 5000],
    [32, 64],
    [1000, 2100],
    [7, 7],
  ] as const) {
    it(`finds the first extremes from ${from} to before ${to}`, () => {
      expect(pyramid.extremes(from, to)).to.deep.equal(slowExtremes(values, from, to));
    });
  }

  it("takes little room", () => {
    const bytes = pyramid.buffers().reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(bytes).to.be.lessThan(values.byteLength / 10);
  });
});
