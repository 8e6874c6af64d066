import type { JSX } from "preact";
import { useMemo } from "preact/hooks";

import type { IndexedRun } from "../../../store/indexedRun.ts";
import { isDark } from "../../../web/page/theme.ts";
import { ChartGrid } from "../charts/chartGrid.tsx";
import { chartState } from "../charts/chartState.ts";
import { ChartTools } from "../charts/chartTools.tsx";
import { runColour } from "../colours/runColour.ts";
import { runTitle } from "./runTitle.ts";

/** All metrics of the run. */
export function RunChartsTab({ run }: { readonly run: IndexedRun }): JSX.Element {
  const state = chartState();
  const metrics = Object.keys(run.metrics);
  const colour = runColour(run, isDark());
  const curves = useMemo(
    () => [{ id: run.key, title: runTitle(run), keys: [run.key], colour, dash: [] }],
    [run.key, run.title, colour],
  );
  return (
    <>
      <ChartTools state={state} metrics={metrics} grouped={false} />
      <ChartGrid metrics={metrics} curves={curves} state={state} />
    </>
  );
}
