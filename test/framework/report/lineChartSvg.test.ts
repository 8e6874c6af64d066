import { expect } from "chai";
import { describe, it } from "mocha";

import { lineChartSvg } from "../../../framework/report/lineChartSvg.ts";
import type { ChartLine } from "../../../framework/report/report.ts";

describe("lineChartSvg()", () => {
  const draw = (lines: ChartLine[]): string =>
    lineChartSvg({ kind: "lines", name: "c", x: "step", y: "loss", lines });
  const paths = (svg: string): string[] =>
    [...svg.matchAll(/<path d="([^"]*)" fill="none"/g)].map(([, path]) => path!);

  it("draws a curve from left to right, larger values further up", () => {
    const svg = draw([{ label: "a", x: [0, 1, 2], y: [0, 1, 0.5] }]);
    const [path] = paths(svg);
    const points = [...path!.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [+x!, +y!]);
    expect(points).to.have.length(3);
    expect(points[1]![0]).to.be.above(points[0]![0]!);
    expect(points[1]![1]).to.be.below(points[2]![1]!);
    expect(points[2]![1]).to.be.below(points[0]![1]!);
  });

  it("leaves a gap where a value is no number", () => {
    const svg = draw([{ label: "a", x: [0, 1, 2, 3], y: [1, NaN, 1, Infinity] }]);
    expect(paths(svg)[0]!.match(/M/g)).to.have.length(2);
    expect(svg).to.not.match(/NaN|Infinity/);
  });

  it("fills the band between its edges, where both are known", () => {
    const line = { label: "a", x: [0, 1, 2], y: [1, 1, 1] };
    const svg = draw([{ ...line, lower: [0, 0, NaN], upper: [2, 2, NaN] }]);
    const [, band = ""] = /<path d="([^"]*)Z" fill="#0072b2" fill-opacity/.exec(svg) ?? [];
    expect(band.match(/[ML]/g)).to.have.length(4);
  });

  it("names the curves as they are called, and survives none", () => {
    expect(draw([{ label: "<b>&", x: [0], y: [0] }])).to.include("&lt;b&gt;&amp;</text>");
    expect(draw([])).to.not.include("NaN");
  });
});
