import type { Cell } from "../../../store/indexedRun.ts";
import type { SweepAnswer } from "../../api.ts";
import { toNumber } from "../format/number.ts";

export interface Trial {
  readonly key: string;
  readonly status: string;
  readonly group: string;
  readonly parameters: readonly Cell[];
  /** Of the sweep's metric; null where there is none. */
  readonly value: number | null;
  /** 0 is the best of all trials, 1 the worst; null without a finite value. */
  readonly rank: number | null;
}

/** Trials with their places from the best to the worst. */
export function sweepTrials({ trials, metric }: SweepAnswer): Trial[] {
  const sign = metric?.goal === "maximize" ? -1 : 1;
  const values = trials.map(({ value }) => (value === null ? null : toNumber(value)));
  const finite = values
    .filter((value) => value !== null)
    .filter(Number.isFinite)
    .toSorted((a, b) => sign * (a - b));
  return trials.map(({ key, status, group, parameters }, i) => {
    const value = values[i] ?? null;
    const place = value === null ? -1 : finite.indexOf(value);
    const rank = place < 0 ? null : place / Math.max(1, finite.length - 1);
    return { key, status, group, parameters, value, rank };
  });
}
