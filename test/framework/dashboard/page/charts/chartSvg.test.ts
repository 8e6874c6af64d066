import { expect } from "chai";
import { describe, it } from "mocha";

import { chartSvg } from "../../../../../framework/dashboard/page/charts/chartSvg.ts";
import { shownCurve } from "../../../../../framework/dashboard/page/charts/shownCurve.ts";

describe("chartSvg()", () => {
  const style = { id: "a", title: "<b>&", keys: ["a"], colour: "#0072b2", dash: [6, 3] };
  const curve = shownCurve(
    {
      ...{ label: "a", metric: "loss", count: 4, x: [0, 1, 2, 3], y: [0, 1, "NaN", 1] },
      ...{ lower: [0, 0, "NaN", 1], upper: [1, 1, "NaN", 1], nonFinite: [] },
    },
    style,
  );
  const svg = chartSvg([curve], {
    ...{ title: 'loss "<script>', xAxis: "step", x: [0, 3], y: [0, 1], logX: false, logY: false },
  });

  it("draws the line with a gap where there is no number, and its band", () => {
    expect(svg).to.include('d="M64.0 360.0L277.3 40.0M702.5 40.0L705.5 40.0" stroke="#0072b2"');
    expect(svg).to.include('stroke-dasharray="6 3"');
    expect(svg).to.include(
      'd="M64.0 40.0L277.3 40.0L704.0 40.0L704.0 40.0L277.3 360.0L64.0 360.0Z"',
    );
  });

  it("keeps names from becoming markup", () => {
    expect(svg).to.include("&lt;b>&amp;");
    expect(svg).to.include("loss &quot;&lt;script>");
    expect(svg).to.not.include("<script");
  });
});
