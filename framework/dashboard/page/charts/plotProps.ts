import type uPlot from "uplot";

import type { SeriesQuery } from "../../api.ts";
import type { Range } from "./ranges.ts";
import type { ShownCurve } from "./shownCurve.ts";

export interface PlotProps {
  readonly curves: readonly ShownCurve[];
  readonly x: SeriesQuery["x"];
  readonly xRange: Range;
  readonly yRange: Range;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly height: number;
  readonly label: string;
  readonly onZoom: (from: number | null, to: number | null) => void;
  readonly onWidth?: (pixels: number) => void;
  /** Gives the plot to who wants its picture. */
  readonly onPlot?: (plot: uPlot | null) => void;
}
