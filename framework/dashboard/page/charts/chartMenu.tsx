import type { JSX } from "preact";
import type uPlot from "uplot";

import { formatCsv } from "../format/csv.ts";
import { Menu, MenuItem } from "../parts/menu.tsx";
import { attempt } from "../parts/message.tsx";
import { saveFile } from "../parts/saveFile.ts";
import { chartPicture } from "./chartPicture.ts";
import { setChartState, type ChartState } from "./chartState.ts";
import { chartSvg } from "./chartSvg.ts";
import type { Range } from "./ranges.ts";
import type { ShownCurve } from "./shownCurve.ts";

interface ChartMenuProps {
  readonly metric: string;
  readonly curves: readonly ShownCurve[];
  readonly state: ChartState;
  readonly x: Range;
  readonly y: Range;
  readonly plot: { readonly current: uPlot | null };
}

/** Saves what the chart shows. */
export function ChartMenu({ metric, curves, state, x, y, plot }: ChartMenuProps): JSX.Element {
  const { logX, logY, from, to } = state;
  const savePng = async (): Promise<void> => {
    if (plot.current)
      saveFile(`${metric}.png`, "image/png", await chartPicture(plot.current, metric, curves));
  };
  const saveSvg = (): void => {
    const options = { title: metric, xAxis: state.x, x, y, logX, logY };
    saveFile(`${metric}.svg`, "image/svg+xml", chartSvg(curves, options));
  };
  return (
    <Menu label={`Menu of ${metric}`} icon="menu" compact>
      {(close) => {
        const then = (work: () => unknown) => (): void => {
          close();
          void attempt(async () => void (await work()));
        };
        return (
          <>
            <MenuItem onClick={then(savePng)}>Save as PNG</MenuItem>
            <MenuItem onClick={then(saveSvg)}>Save as SVG</MenuItem>
            <MenuItem
              onClick={then(() => saveFile(`${metric}.csv`, "text/csv", curvesCsv(metric, curves)))}
            >
              Save as CSV
            </MenuItem>
            {(from !== null || to !== null) && (
              <MenuItem onClick={then(() => setChartState({ from: null, to: null }))}>
                Show all of x
              </MenuItem>
            )}
          </>
        );
      }}
    </Menu>
  );
}

/** A line for each shown point. */
export function curvesCsv(metric: string, curves: readonly ShownCurve[]): string {
  const rows = curves.flatMap(({ style, x, y, smooth, lower, upper }) =>
    Array.from(x, (at, i) => [
      ...[style.title, at, y[i] ?? ""],
      ...[smooth?.[i] ?? "", lower?.[i] ?? "", upper?.[i] ?? ""],
    ]),
  );
  return formatCsv([["run", "x", metric, "smoothed", "lower", "upper"], ...rows]);
}
