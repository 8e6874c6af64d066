import { expect } from "chai";
import { describe, it } from "mocha";

import { packSummary, unpackSummary } from "../../../framework/store/blockExtremes.ts";
import { CurveValues } from "../../../framework/store/curveValues.ts";
import { Pyramid } from "../../../framework/store/pyramid.ts";
import { thin } from "../../../framework/store/thin.ts";

describe("thin()", () => {
  const x = Float64Array.from({ length: 1000 }, (_, i) => i);
  const wave = Float64Array.from(x, (i) => Math.sin(i / 5));
  wave[333] = 9;
  wave[334] = -9;
  const curve = new Pyramid(wave);

  it("keeps first, last and every extreme of a long curve", () => {
    const places = thin(x, [curve], { points: 50 });
    expect(places.length).to.be.within(40, 50);
    expect(places).to.include.members([0, 333, 334, 999]);
    expect(places).to.deep.equal([...new Set(places)].toSorted((a, b) => a - b));
  });

  it("keeps extremes of every interval", () => {
    const places = thin(x, [curve], { points: 42 }); // 20 intervals of 50
    for (let from = 0; from < 1000; from += 50) {
      const [low, high] = curve.extremes(from, from + 50)!;
      expect(places).to.include.members([low, high]);
    }
  });

  it("begins and ends long intervals with blocks of 32 values", () => {
    const places = thin(x, [curve], { points: 22 }); // 10 intervals of about 100
    const edges = Array.from({ length: 11 }, (_, i) =>
      i < 10 ? Math.floor((i * 99.9) / 32) * 32 : 1000,
    );
    for (const [i, from] of edges.slice(0, -1).entries()) {
      const [low, high] = curve.extremes(from, edges[i + 1]!)!;
      expect(places).to.include.members([low, high]);
    }
  });

  it("reads no value of a whole long curve but first, last and extremes of blocks", () => {
    const { bytes, nonFinite } = packSummary(wave);
    const summary = unpackSummary(bytes.buffer, wave.length, nonFinite);
    const view = (): Float64Array => expect.fail("read all values");
    const column = { length: wave.length, view, part: view };
    const values = new CurveValues(column, () => summary);
    const places = thin(x, [new Pyramid(values)], { points: 22 });
    expect(places).to.deep.equal(thin(x, [curve], { points: 22 }));
    expect(places.map((place) => values.at(place))).to.deep.equal(
      places.map((place) => wave[place]),
    );
  });

  it("keeps all points where there are few, and one on each side of the part that is shown", () => {
    expect(thin(x, [curve], { from: 100.5, to: 103, points: 10 })).to.deep.equal([
      100, 101, 102, 103, 104,
    ]);
    expect(thin(x, [curve], { from: 998, to: 2000, points: 10 })).to.deep.equal([997, 998, 999]);
    expect(thin(x, [curve], { from: 5000, to: 6000, points: 10 })).to.deep.equal([999]);
  });

  it("thins a part", () => {
    const places = thin(x, [curve], { from: 300, to: 500, points: 20 });
    expect(places.length).to.be.at.most(20);
    expect(places).to.include.members([299, 333, 334, 501]);
  });

  it("thins a part beside a long gap as finely as any other", () => {
    const day = 86_400;
    const broken = x.map((second) => (second < 500 ? second : second + day));
    for (const [from, to] of [
      [0, 499],
      [day + 500, day + 1000],
      [100, 499],
    ] as const) {
      const places = thin(broken, [curve], { from, to, points: 50 });
      expect(places.length, `${from} to ${to}`).to.be.within(40, 50);
    }
    expect(thin(broken, [curve], { from: 100, to: 499, points: 50 })).to.include.members([
      ...[99, 100, 499, 500], // the neighbours lead the line out of the part
    ]);
  });

  it("keeps the extremes of all curves", () => {
    const other = new Pyramid(wave.map((y, i) => (i === 777 ? 100 : y)));
    expect(thin(x, [curve, other], { points: 40 })).to.include.members([333, 334, 777]);
  });

  it("copes with curves without extremes, without width and without points", () => {
    const nothing = new Pyramid(new Float64Array(1000).fill(NaN));
    expect(thin(x, [nothing], { points: 10 })).to.deep.equal([0, 999]);
    const places = thin(new Float64Array(1000).fill(3), [curve], { points: 10 });
    expect(places).to.include.members([0, 333, 334, 999]);
    expect(
      thin(new Float64Array(0), [new Pyramid(new Float64Array(0))], { points: 10 }),
    ).to.deep.equal([]);
  });
});
