import type { JSX } from "preact";

import type { ColumnsAnswer } from "../../api.ts";
import { linkTo } from "../address/address.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { Loading, Notice } from "../parts/notice.tsx";
import { keptParameters } from "../places.ts";
import { tableState } from "../table/tableState.ts";
import { GroupPicker } from "../table/tableTools.tsx";
import { ChartGrid } from "./chartGrid.tsx";
import { chartState } from "./chartState.ts";
import { ChartTools } from "./chartTools.tsx";
import { CurveList } from "./curveList.tsx";
import { useCurveStyles } from "./useCurveStyles.ts";

const askedKeys = 100;

/** Charts of all metrics of the chosen runs, or of the first runs of the table. */
export function ChartsView(): JSX.Element {
  const table = tableState();
  const state = chartState();
  const { curves, loading, error } = useCurveStyles(table);
  const keys = curves.flatMap((curve) => curve.keys).slice(0, askedKeys);
  const { answer: columns } = useAnswer<ColumnsAnswer>(
    keys.length > 0 ? `/api/columns?runs=${keys.map(encodeURIComponent).join(",")}` : null,
    { follow: keys },
  );
  if (error) return <Notice kind="error" title={error.message} />;
  if (loading) return <Loading rows={12} />;
  if (curves.length === 0) {
    return (
      <Notice title="No runs to show">
        <a href={linkTo(["runs"], { filter: null, runs: null }, keptParameters)}>All runs</a>
      </Notice>
    );
  }
  const metrics = (columns?.metrics ?? []).map(({ name }) => name.slice("metrics.".length));
  const grouped = curves.some((curve) => curve.keys.length > 1);
  return (
    <div class="charts-view">
      <h1 class="visually-hidden">Charts</h1>
      <aside class="side" aria-label="Runs in the charts">
        <div class="side-head">
          <h2>{table.chosen.length > 0 ? "Chosen runs" : `First ${curves.length} of the table`}</h2>
          {columns && <GroupPicker state={table} columns={columns} />}
        </div>
        <CurveList curves={curves} hidden={state.hidden} />
        <a class="side-link" href={linkTo(["runs"], {}, keptParameters)}>
          Choose runs in the table
        </a>
      </aside>
      <div class="charts-main">
        <ChartTools state={state} metrics={metrics} grouped={grouped} />
        {columns ? (
          <ChartGrid metrics={metrics} curves={curves} state={state} />
        ) : (
          <Loading rows={8} />
        )}
      </div>
    </div>
  );
}
