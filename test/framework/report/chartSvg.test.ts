import { expect } from "chai";
import { describe, it } from "mocha";

import { chartSvg } from "../../../framework/report/chartSvg.ts";

describe("chartSvg()", () => {
  const point = (label: string, x: number, y: number, deviation?: number) => ({
    label,
    x: { mean: x },
    y: { mean: y, deviation },
  });
  const draw = (points: ReturnType<typeof point>[]): string =>
    chartSvg({ kind: "chart", name: "c", x: "x", y: "y", points });
  const circles = (svg: string): { x: number; y: number }[] =>
    [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="6" fill="[^"]+"><title>/g)].map(
      ([, x, y]) => ({ x: Number(x), y: Number(y) }),
    );

  it("puts larger numbers further right and further up, between round ticks", () => {
    const svg = draw([point("a", 0, 0), point("b", 1, 10)]);
    const [a, b] = circles(svg);
    expect(b!.x).to.be.above(a!.x);
    expect(b!.y).to.be.below(a!.y);
    for (const tick of ["0.5", "1", "5", "10"]) expect(svg).to.include(`>${tick}</text>`);
  });

  it("leaves out what is no number, and survives one point or none", () => {
    expect(circles(draw([point("a", 1, Number.NaN), point("b", 1, 1)]))).to.have.length(1);
    expect(draw([point("a", 3, 3)])).to.not.include("NaN");
    expect(draw([])).to.not.include("NaN");
  });

  it("draws a deviation as a bar as long as it is", () => {
    const svg = draw([point("a", 0, 0), point("b", 1, 1, 0.5)]);
    const [a, b] = circles(svg);
    const [, y1, y2] = /y1="([\d.]+)" y2="([\d.]+)" stroke="#d55e00"/.exec(svg)!;
    expect(Number(y1) - Number(y2)).to.be.closeTo(a!.y - b!.y, 1e-9); // from 0.5 to 1.5
  });
});
