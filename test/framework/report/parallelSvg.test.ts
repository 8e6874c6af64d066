import { expect } from "chai";
import { describe, it } from "mocha";

import { parallelSvg } from "../../../framework/report/parallelSvg.ts";

describe("parallelSvg()", () => {
  const marks = [
    { place: 0, text: "low" },
    { place: 1, text: "high" },
  ];
  const svg = parallelSvg({
    kind: "parallel",
    name: "p",
    axes: ["rate", "width", "loss"].map((label) => ({ label, marks })),
    lines: [
      { label: "worst", places: [0, undefined, 1], rank: 1 },
      { label: "best", places: [1, 1, 0], rank: 0 },
    ],
  });
  const paths = [...svg.matchAll(/<path d="([^"]*)" [^>]*stroke="([^"]*)"/g)];

  it("draws a line across all axes, from larger values further up", () => {
    const points = [...paths[1]![1]!.matchAll(/[ML]([\d.]+) ([\d.]+)/g)];
    const [rate, width, loss] = points.map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
    expect(rate!.x).to.be.below(width!.x);
    expect(rate!.y).to.equal(width!.y);
    expect(loss!.y).to.be.above(rate!.y);
  });

  it("leaves a gap where a value is missing, and colours the best and the worst apart", () => {
    expect(paths[0]![1]!.match(/M/g)).to.have.length(2);
    expect(paths.map(([, , colour]) => colour)).to.deep.equal(["rgb(0 114 178)", "rgb(213 94 0)"]);
  });
});
