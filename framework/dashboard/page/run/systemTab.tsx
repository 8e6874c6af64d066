import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";

import type { IndexedRun } from "../../../store/indexedRun.ts";
import { themeColour } from "../../../web/page/theme.ts";
import type { SystemAnswer } from "../../api.ts";
import { runPath } from "../ask/ask.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { ChartHead } from "../charts/chartHead.tsx";
import { Plot } from "../charts/plot.tsx";
import { xRange, yRange } from "../charts/ranges.ts";
import { shownCurve } from "../charts/shownCurve.ts";
import { Notice } from "../parts/notice.tsx";
import { Unanswered } from "../parts/unanswered.tsx";

const points = 800;
const followMs = 5000;
const height = 200;

/** The machine while the run was on it. */
export function SystemTab({ run }: { readonly run: IndexedRun }): JSX.Element {
  const { answer, error } = useAnswer<SystemAnswer>(runPath(run.key, "system"), {
    follow: [run.key],
  });
  const [range, setRange] = useState<readonly [number | null, number | null]>([null, null]);
  if (!answer) return <Unanswered error={error} />;
  if (answer.metrics.length === 0) return <Notice title="This run did not watch its machine" />;
  return (
    <div class="chart-grid">
      {answer.metrics.map((metric) => (
        <SystemChart
          key={metric}
          run={run}
          metric={metric}
          range={range}
          onZoom={(from, to) => setRange([from, to])}
        />
      ))}
    </div>
  );
}

interface SystemChartProps {
  readonly run: IndexedRun;
  readonly metric: string;
  readonly range: readonly [number | null, number | null];
  readonly onZoom: (from: number | null, to: number | null) => void;
}

function SystemChart({ run, metric, range: [from, to], onZoom }: SystemChartProps): JSX.Element {
  const body = { metrics: [metric], points, from, to };
  const { answer, error } = useAnswer<SystemAnswer>(runPath(run.key, "system"), {
    body,
    follow: [run.key],
    everyMs: run.status === "running" ? followMs : null,
  });
  const curves = useMemo(() => {
    const style = { id: metric, title: metric, keys: [run.key], dash: [] };
    const colour = themeColour("accent");
    return (answer?.series ?? []).map((curve) => shownCurve(curve, { ...style, colour }));
  }, [answer]);
  const x = useMemo(() => xRange(curves, from, to, false), [curves, from, to]);
  const y = useMemo(() => yRange(curves, x, { log: false, ignoreOutliers: false }), [curves, x]);
  return (
    <section class="chart panel" aria-label={metric}>
      <ChartHead name={metric} />
      {answer ? (
        <Plot
          curves={curves}
          x="relativeTime"
          xRange={x}
          yRange={y}
          logX={false}
          logY={false}
          height={height}
          label={metric}
          onZoom={onZoom}
        />
      ) : (
        <div style={{ height: `${height}px` }}>
          <Unanswered error={error} rows={4} />
        </div>
      )}
    </section>
  );
}
