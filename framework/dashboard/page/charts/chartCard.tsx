import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";

import { Icon } from "../../../web/page/icon.tsx";
import type { SeriesAnswer, SeriesQuery } from "../../api.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { Loading, Notice } from "../parts/notice.tsx";
import { ChartHead } from "./chartHead.tsx";
import { ChartMenu } from "./chartMenu.tsx";
import { setChartState, type ChartState } from "./chartState.ts";
import { Plot } from "./plot.tsx";
import { xRange, yRange } from "./ranges.ts";
import { shownCurve, type CurveStyle, type ShownCurve } from "./shownCurve.ts";

interface ChartCardProps {
  readonly metric: string;
  readonly curves: readonly CurveStyle[];
  readonly state: ChartState;
}

const height = 232;
const wideHeight = 440;

/** A metric of all shown runs. It asks for points when it comes into sight. */
export function ChartCard(props: ChartCardProps): JSX.Element {
  const { metric, state } = props;
  const element = useRef<HTMLElement>(null);
  const seen = useSeen(element);
  const wide = state.wide.includes(metric);
  const tall = wide ? wideHeight : height;
  return (
    <section ref={element} class={`chart panel ${wide ? "chart-wide" : ""}`} aria-label={metric}>
      {seen ? (
        <SeenChart {...props} height={tall} wide={wide} />
      ) : (
        <>
          <ChartHead name={metric} />
          <div style={{ height: `${tall}px` }} />
        </>
      )}
    </section>
  );
}

function SeenChart(
  props: ChartCardProps & { readonly height: number; readonly wide: boolean },
): JSX.Element {
  const { metric, curves, state, height: tall, wide } = props;
  const [points, setPoints] = useState(600);
  const plot = useRef<uPlot | null>(null);
  const { answer, error } = useSeries(metric, curves, state, points);
  const shown = useMemo(
    () => shownCurves(answer, curves, state.hidden),
    [answer, curves, state.hidden.join()],
  );
  const { from, to, logX, logY, ignoreOutliers } = state;
  const x = useMemo(() => xRange(shown, from, to, logX), [shown, from, to, logX]);
  const y = useMemo(
    () => yRange(shown, x, { log: logY, ignoreOutliers }),
    [shown, x, logY, ignoreOutliers],
  );
  const others = state.wide.filter((name) => name !== metric);
  return (
    <>
      <ChartHead name={metric}>
        <button
          class="quiet icon-button"
          aria-pressed={wide}
          aria-label={`${metric} over the whole width`}
          title="Whole width"
          onClick={() => setChartState({ wide: wide ? others : [...others, metric] })}
        >
          <Icon name="expand" />
        </button>
        <ChartMenu metric={metric} curves={shown} state={state} x={x} y={y} plot={plot} />
      </ChartHead>
      {error && !answer && <Notice kind="error" title={error.message} />}
      {!answer && !error && (
        <div style={{ height: `${tall}px` }}>
          <Loading rows={4} />
        </div>
      )}
      {answer && shown.length === 0 && (
        <div style={{ height: `${tall}px` }}>
          <Notice title="None of the shown runs has logged this" />
        </div>
      )}
      {shown.length > 0 && (
        <Plot
          curves={shown}
          x={state.x}
          xRange={x}
          yRange={y}
          logX={logX}
          logY={logY}
          height={tall}
          label={`${metric}: ${shown.length} curves`}
          onZoom={(first, last) => setChartState({ from: first, to: last }, { replace: false })}
          onWidth={(width) => setPoints(roundedPoints(width))}
          onPlot={(made) => (plot.current = made)}
        />
      )}
    </>
  );
}

/** In steps, so that a window that is dragged larger does not ask for points at every pixel. */
function roundedPoints(width: number): number {
  return Math.min(2000, Math.max(200, Math.ceil(width / 200) * 200));
}

function useSeries(
  metric: string,
  curves: readonly CurveStyle[],
  { x, from, to, band, smoothing }: ChartState,
  points: number,
) {
  const body: SeriesQuery = {
    runs: curves.map(({ id, keys }) => ({ label: id, keys: [...keys] })),
    metrics: [metric],
    x,
    from,
    to,
    points,
    band,
    smoothing,
  };
  const keys = curves.flatMap((curve) => curve.keys);
  return useAnswer<SeriesAnswer>(curves.length > 0 ? "/api/series" : null, { body, follow: keys });
}

function shownCurves(
  answer: SeriesAnswer | undefined,
  styles: readonly CurveStyle[],
  hidden: readonly string[],
): ShownCurve[] {
  return (answer?.series ?? []).flatMap((curve) => {
    const style = styles.find(({ id }) => id === curve.label);
    const empty = curve.x.length === 0 && curve.nonFinite.length === 0;
    return style && !empty && !hidden.includes(style.id) ? [shownCurve(curve, style)] : [];
  });
}

/** True from the moment the element is about to be scrolled into the window. */
function useSeen(element: { readonly current: HTMLElement | null }): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry) setSeen(entry.isIntersecting);
      },
      { rootMargin: "400px" },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return seen;
}
