import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { Notice } from "../parts/notice.tsx";
import { ChartCard } from "./chartCard.tsx";
import type { ChartState } from "./chartState.ts";
import { metricGroups, type MetricGroup } from "./metricGroups.ts";
import type { CurveStyle } from "./shownCurve.ts";

interface ChartGridProps {
  readonly metrics: readonly string[];
  readonly curves: readonly CurveStyle[];
  readonly state: ChartState;
}

const shownAtOnce = 48;

/** Charts of many metrics, gathered by the first part of their names. */
export function ChartGrid({ metrics, curves, state }: ChartGridProps): JSX.Element {
  const groups = metricGroups(metrics, state.search);
  if (metrics.length === 0) return <Notice title="These runs have not logged any metric yet" />;
  if (groups.length === 0) return <Notice title={`No metric has “${state.search}” in its name`} />;
  return (
    <>
      {groups.map((group) => (
        <GroupOfCharts key={group.name} group={group} curves={curves} state={state} />
      ))}
    </>
  );
}

function GroupOfCharts(props: {
  readonly group: MetricGroup;
  readonly curves: readonly CurveStyle[];
  readonly state: ChartState;
}): JSX.Element {
  const { group, curves, state } = props;
  const [count, setCount] = useState(shownAtOnce);
  const more = group.metrics.length - count;
  return (
    <details class="chart-group" open>
      <summary>
        <h2>{group.name || "metrics"}</h2>
        <span class="count">{group.metrics.length}</span>
      </summary>
      <div class="chart-grid">
        {group.metrics.slice(0, count).map((metric) => (
          <ChartCard key={metric} metric={metric} curves={curves} state={state} />
        ))}
      </div>
      {more > 0 && (
        <button onClick={() => setCount(count + shownAtOnce)}>
          Show {Math.min(more, shownAtOnce)} of {more} more
        </button>
      )}
    </details>
  );
}
