import { expect } from "chai";
import { describe, it } from "mocha";

import { barChartSvg } from "../../../framework/report/barChartSvg.ts";

describe("barChartSvg()", () => {
  it("draws bars as long as their values, in the colours of their series", () => {
    const svg = barChartSvg({
      kind: "bars",
      name: "b",
      x: "importance",
      names: ["rate <1>", "width"],
      series: [
        { label: "one way", values: [0.8, 0.2] },
        { label: "another", values: [0.4, 0] },
      ],
    });
    const widths = (colour: string): number[] =>
      [...svg.matchAll(new RegExp(`width="([\\d.]+)" height="12" fill="${colour}"`, "g"))].map(
        ([, width]) => Number(width),
      );
    const [long, short] = widths("#0072b2");
    expect(long).to.be.closeTo(4 * short!, 1e-9);
    expect(widths("#d55e00")[0]).to.be.closeTo(long! / 2, 1e-9);
    expect(widths("#d55e00")[1]).to.equal(0);
    expect(svg).to.include("rate &lt;1&gt;</text>").and.include("another</text>");
  });
});
