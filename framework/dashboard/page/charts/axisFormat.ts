import { formatDuration } from "../../../base/formatDuration.ts";
import type { SeriesQuery } from "../../api.ts";
import { formatNumber } from "../format/number.ts";
import { formatTime } from "../format/time.ts";

/** The name of an x axis. */
export function axisName(x: SeriesQuery["x"]): string {
  if (typeof x === "object") return x.metric;
  return { step: "step", epoch: "epoch", time: "time", relativeTime: "time since start" }[x];
}

/** A value of the x axis in words. */
export function formatXValue(x: SeriesQuery["x"], value: number): string {
  if (x === "time") return formatTime(value * 1000);
  if (x === "relativeTime") return formatDuration(value);
  return formatNumber(value);
}
