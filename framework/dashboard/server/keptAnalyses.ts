import { RecentlyUsed } from "../../base/recentlyUsed.ts";
import type { AnalysedPoint } from "../../sweep/analysis/analysedPoint.ts";
import {
  analyseSweep,
  type SearchedParameter,
  type SweepAnalysis,
} from "../../sweep/analysis/analyseSweep.ts";
import type { SweepMetricName } from "../api.ts";

/** A forest takes a while to grow. */
const mostKept = 32;

export interface AnalysedSweep {
  readonly id: string;
  /** Null: nothing is asked. */
  readonly metric: SweepMetricName | null;
  readonly parameters: readonly SearchedParameter[];
  /** Those of which no run has ended may be among them. */
  readonly points: readonly AnalysedPoint[];
}

/** Analyses of sweeps, each by one metric, made anew when runs have ended since. */
export class KeptAnalyses {
  readonly #kept = new RecentlyUsed<{ basis: string; analysis: SweepAnalysis }>(mostKept);

  analyse({ id, metric, parameters, points }: AnalysedSweep): SweepAnalysis {
    const goal = metric?.goal ?? "minimize";
    const name = JSON.stringify([id, metric?.name, goal]);
    const ended = points.filter(({ values }) => values.size > 0);
    const basis = JSON.stringify([
      parameters,
      ended.map((point) => ({ ...point, values: [...point.values] })),
    ]);
    const known = this.#kept.get(name);
    if (known?.basis === basis) return known.analysis;
    const analysis = analyseSweep(parameters, ended, goal);
    this.#kept.set(name, { basis, analysis });
    return analysis;
  }
}
