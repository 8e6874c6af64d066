import type { HyperbandSpec } from "../../spec/earlyTermination.ts";
import type { Pruner, TrialCurve } from "../pruner.ts";

/**
 * W&B's rule. At each band, a number of logged values, a trial must be among the best 1 / eta of all
 * that came so far; it is looked at again whenever another trial gets there.
 *
 * Source: Li et al. 2018, arXiv:1603.06560, as W&B's sweeps have it.
 */
export function hyperbandPruner(spec: HyperbandSpec): Pruner {
  const bands = bandsOf(spec);
  return {
    name: "hyperband",
    reasonToStop(trial, all) {
      const values = finite(trial);
      const band = bands.findLast((each) => each <= values.length);
      if (band === undefined) return undefined;
      const threshold = thresholdAt(band, all, spec.eta);
      const current = spec.strict ? values[band - 1]! : Math.min(...values);
      if (current <= threshold) return undefined;
      return `hyperband at ${band} values: ${current} is above ${threshold}`;
    },
  };
}

/** Ascending. `max_iter` with `s` wins over `min_iter`. */
function bandsOf({ min_iter: first = 1, max_iter: last, s, eta }: HyperbandSpec): number[] {
  if (last === undefined || s === undefined) {
    return Array.from({ length: 100 }, (_, i) => Math.floor(first * eta ** i));
  }
  const below = Array.from({ length: s }, (_, i) => last / eta ** (i + 1));
  return below
    .filter((band) => band >= 1)
    .map(Math.floor)
    .reverse();
}

/** The value that the best 1 / eta of all trials at a band do not exceed; none: infinity. */
function thresholdAt(band: number, all: readonly TrialCurve[], eta: number): number {
  const values = all.flatMap((curve) => finite(curve)[band - 1] ?? []).sort((a, b) => a - b);
  return values[Math.floor(values.length / eta)] ?? Infinity;
}

const finite = ({ values }: TrialCurve): number[] =>
  values.map(({ value }) => value).filter(Number.isFinite);
