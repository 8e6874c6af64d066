import { aggregate, type Aggregate } from "./aggregate.ts";
import type { CurveAxis } from "./curve.ts";
import type { IndexedRun } from "./indexedRun.ts";
import { Line } from "./line.ts";
import { Pyramid } from "./pyramid.ts";
import type { Series } from "./series.ts";
import { smooth, type Smoothing } from "./smoothing.ts";
import { thin, upperBound } from "./thin.ts";

/**
 * Asks for curves of many runs, or of groups of runs, thinned to what a chart of so many pixels
 * shows: extremes are kept.
 */
export interface SeriesQuery {
  /** Each becomes a curve; several keys are averaged, with a band. */
  runs: { label: string; keys: string[] }[];
  metrics: string[];
  /** `time` in seconds since 1970, `relativeTime` in seconds since the run's start. */
  x: SeriesX;
  /** Range of x that is shown; null: all. */
  from: number | null;
  to: number | null;
  /** Points wanted per curve, such as the width of the chart. */
  points: number;
  band: "deviation" | "standardError" | "minMax" | "none";
  smoothing: Smoothing;
}

export type SeriesX = CurveAxis | "relativeTime" | { metric: string };

/** Numbers to draw; NaN and infinities among them. */
export interface DrawnCurve {
  label: string;
  metric: string;
  /** Points before thinning. */
  count: number;
  x: number[];
  /** Thinned raw values, or the mean over runs. */
  y: number[];
  /** Smoothed values at the same x; absent without smoothing. */
  smooth?: number[];
  /** Band of a group. */
  lower?: number[];
  upper?: number[];
  /** Where values were NaN or infinite; the first 1,000 of them. */
  nonFinite: { x: number; value: number }[];
}

/** How a curve is drawn. */
export type DrawOptions = Pick<SeriesQuery, "from" | "to" | "points" | "band" | "smoothing">;

/**
 * Curves in the order of the runs, for each in the order of the metrics; those that no run of theirs
 * has logged are left out, and so are runs that are gone.
 *
 * @param runOf what the index knows by a key
 */
export function querySeries(
  query: SeriesQuery,
  series: Series,
  runOf: (key: string) => IndexedRun | undefined,
): DrawnCurve[] {
  return query.runs.flatMap(({ label, keys }) => {
    const runs = keys.flatMap((key) => runOf(key) ?? []);
    return query.metrics.flatMap((metric) => {
      const drawn =
        keys.length > 1
          ? drawGroup(
              runs.flatMap((run) => lineOf(series, run, metric, query.x) ?? []),
              query,
            )
          : runs[0] && drawRun(series, runs[0], metric, query);
      return drawn ? [{ label, metric, ...drawn }] : [];
    });
  });
}

/** A whole curve is drawn without reading all of its values. */
function drawRun(
  series: Series,
  run: IndexedRun,
  metric: string,
  query: SeriesQuery,
): Drawn | undefined {
  const { x } = query;
  if (typeof x !== "string") {
    const line = lineOf(series, run, metric, x);
    return line && drawLine(line, query);
  }
  const axis = x === "relativeTime" ? "time" : x;
  return series.draw(run, metric, axis, (line) =>
    drawLine(x === "relativeTime" ? line.shifted(startOf(run)) : line, query),
  );
}

/** Seconds since 1970. */
const startOf = ({ startedAt }: IndexedRun): number => Date.parse(startedAt) / 1000;

function lineOf(series: Series, run: IndexedRun, metric: string, x: SeriesX): Line | undefined {
  if (x === "relativeTime") return series.line(run, metric, "time")?.shifted(startOf(run));
  if (typeof x === "string") return series.line(run, metric, x);
  return overMetric(series.line(run, metric, "step"), series.line(run, x.metric, "step"));
}

/** The other metric's value as it was at each step: the last that was known. */
function overMetric(line: Line | undefined, other: Line | undefined): Line | undefined {
  if (!line || !other) return undefined;
  const x = line.x.map((step) => other.y[upperBound(other.x, step) - 1] ?? NaN);
  return Line.over(x, line.y);
}

type Drawn = Omit<DrawnCurve, "label" | "metric">;

/** One curve, thinned. */
export function drawLine(line: Line, options: DrawOptions): Drawn {
  const places = thin(line.x, [line.pyramid], options);
  return {
    count: line.x.length,
    x: picked(line.x, places),
    y: places.map((place) => line.values.at(place)),
    ...smoothed(line, places, options),
    nonFinite: nonFiniteOf(line),
  };
}

/** The mean of several curves and how far they lie apart; undefined without any. */
function drawGroup(lines: readonly Line[], options: DrawOptions): Drawn | undefined {
  if (lines.length === 0) return undefined;
  const group = aggregate(lines);
  const mean = Line.over(group.x, group.mean);
  const band = bandOf(group, options.band);
  const edges = band ? [new Pyramid(band.lower), new Pyramid(band.upper)] : [];
  const places = thin(group.x, [mean.pyramid, ...edges], options);
  return {
    count: group.x.length,
    x: picked(group.x, places),
    y: picked(group.mean, places),
    ...smoothed(mean, places, options),
    ...(band && { lower: picked(band.lower, places), upper: picked(band.upper, places) }),
    nonFinite: lines.flatMap(nonFiniteOf).slice(0, mostNonFinite),
  };
}

function bandOf(
  { mean, deviation, min, max, count }: Aggregate,
  band: SeriesQuery["band"],
): { lower: Float64Array; upper: Float64Array } | undefined {
  if (band === "none") return undefined;
  if (band === "minMax") return { lower: min, upper: max };
  const half = deviation.map((spread, i) => {
    if (count[i]! < 2) return 0;
    return band === "deviation" ? spread : spread / Math.sqrt(count[i]!);
  });
  return { lower: mean.map((y, i) => y - half[i]!), upper: mean.map((y, i) => y + half[i]!) };
}

function smoothed(
  line: Line,
  places: readonly number[],
  { smoothing, from, to }: DrawOptions,
): { smooth?: number[] } {
  const { x } = line;
  if (smoothing.kind === "none" || smoothing.weight <= 0 || x.length === 0) return {};
  const shown = (to ?? x.at(-1)!) - (from ?? x[0]!);
  return { smooth: picked(smooth(x, line.y, smoothing, shown), places) };
}

const picked = (values: Float64Array, places: readonly number[]): number[] =>
  places.map((place) => values[place]!);

const mostNonFinite = 1000;

function nonFiniteOf(line: Line): { x: number; value: number }[] {
  if (line.values.summary?.nonFinite === 0) return [];
  const { x, y } = line;
  const found: { x: number; value: number }[] = [];
  for (let i = 0; i < y.length && found.length < mostNonFinite; i++) {
    if (!Number.isFinite(y[i]!)) found.push({ x: x[i]!, value: y[i]! });
  }
  return found;
}
