import type { SeriesQuery } from "../../api.ts";
import { address, setParameters } from "../address/address.ts";
import { formatList, parseList } from "../address/list.ts";

/** What the address says of charts. */
export interface ChartState {
  readonly x: SeriesQuery["x"];
  readonly smoothing: SeriesQuery["smoothing"];
  readonly band: SeriesQuery["band"];
  readonly logX: boolean;
  readonly logY: boolean;
  /** The scale leaves out the outermost values. */
  readonly ignoreOutliers: boolean;
  /** The shown range of x; null: to the end. */
  readonly from: number | null;
  readonly to: number | null;
  /** Ids of curves that are not shown. */
  readonly hidden: readonly string[];
  /** Words that a metric's name must have. */
  readonly search: string;
  /** Metrics whose charts are as wide as the page. */
  readonly wide: readonly string[];
}

export function chartState(): ChartState {
  const { parameters } = address.value;
  return {
    x: parseX(parameters["x"]),
    smoothing: parseSmoothing(parameters["smooth"]),
    band: bands.find((band) => band === parameters["band"]) ?? "deviation",
    logX: parameters["logx"] === "1",
    logY: parameters["logy"] === "1",
    ignoreOutliers: parameters["outliers"] === "0",
    from: parseNumber(parameters["from"]),
    to: parseNumber(parameters["to"]),
    hidden: parseList(parameters["hidden"]),
    search: parameters["metrics"] ?? "",
    wide: parseList(parameters["wide"]),
  };
}

export function setChartState(
  changes: Partial<ChartState>,
  options: { replace?: boolean } = { replace: true },
): void {
  const parameters: Record<string, string | null> = {};
  if (changes.x !== undefined)
    Object.assign(parameters, { x: formatX(changes.x), from: null, to: null });
  if (changes.smoothing) parameters["smooth"] = formatSmoothing(changes.smoothing);
  if (changes.band) parameters["band"] = changes.band === "deviation" ? null : changes.band;
  if (changes.logX !== undefined) parameters["logx"] = changes.logX ? "1" : null;
  if (changes.logY !== undefined) parameters["logy"] = changes.logY ? "1" : null;
  if (changes.ignoreOutliers !== undefined)
    parameters["outliers"] = changes.ignoreOutliers ? "0" : null;
  if (changes.from !== undefined) parameters["from"] = formatEdge(changes.from);
  if (changes.to !== undefined) parameters["to"] = formatEdge(changes.to);
  if (changes.hidden) parameters["hidden"] = formatList(changes.hidden);
  if (changes.search !== undefined) parameters["metrics"] = changes.search || null;
  if (changes.wide) parameters["wide"] = formatList(changes.wide);
  setParameters(parameters, options);
}

const bands: readonly SeriesQuery["band"][] = ["deviation", "standardError", "minMax", "none"];
const axes = ["step", "epoch", "time", "relativeTime"] as const;
const metricAxis = "metric:";

export function parseX(text: string | undefined): SeriesQuery["x"] {
  if (text?.startsWith(metricAxis)) return { metric: text.slice(metricAxis.length) };
  return axes.find((axis) => axis === text) ?? "step";
}

export function formatX(x: SeriesQuery["x"]): string | null {
  if (typeof x === "object") return metricAxis + x.metric;
  return x === "step" ? null : x;
}

/** `0.6` is exponential, `0.6t` weighted by time. */
export function parseSmoothing(text: string | undefined): SeriesQuery["smoothing"] {
  const weight = Number.parseFloat(text ?? "");
  if (!(weight > 0 && weight < 1)) return { kind: "none", weight: 0 };
  return { kind: text?.endsWith("t") ? "timeWeighted" : "exponential", weight };
}

export function formatSmoothing({ kind, weight }: SeriesQuery["smoothing"]): string | null {
  if (kind === "none" || weight <= 0) return null;
  return kind === "timeWeighted" ? `${weight}t` : String(weight);
}

function parseNumber(text: string | undefined): number | null {
  return text === undefined || !Number.isFinite(Number(text)) ? null : Number(text);
}

/** Seven digits are finer than a pixel; seconds since 1970 need more. */
function formatEdge(value: number | null): string | null {
  return value === null ? null : String(Number(value.toPrecision(Math.abs(value) > 1e8 ? 13 : 7)));
}
