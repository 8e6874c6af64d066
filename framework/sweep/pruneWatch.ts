import type { SweepMetric } from "../spec/sweepSpec.ts";
import { readMetrics } from "../tracking/metricsFile.ts";
import type { Pruner, TrialCurve } from "./pruner.ts";
import type { SweepFolder } from "./sweepFolder.ts";
import type { Trial } from "./trialPlan.ts";

/** Looks at what trials log, and asks a pruner which of them are to be stopped. */
export class PruneWatch {
  readonly #pruner: Pruner;
  readonly #folder: SweepFolder;
  readonly #metric: SweepMetric;
  /** Of trials that have ended; these do not change any more. */
  readonly #ended = new Map<string, TrialCurve>();

  constructor(pruner: Pruner, folder: SweepFolder, metric: SweepMetric) {
    this.#pruner = pruner;
    this.#folder = folder;
    this.#metric = metric;
  }

  /** Notes a trial that begins, or goes on from what it had logged. */
  starts(trial: Trial): void {
    this.#pruner.resume?.(this.#curve(trial, { isRunning: true, isFinished: false }));
  }

  /** Notes a trial that has ended, for good or not. */
  ended(trial: Trial, isFinished: boolean): void {
    this.#ended.set(trial.id, this.#curve(trial, { isRunning: false, isFinished }));
  }

  /** Why trials among the running ones are to be stopped; in the order in which they began. */
  reasons(running: Iterable<Trial>): Map<Trial, string> {
    const curves = [...running].map((trial) => {
      return { trial, curve: this.#curve(trial, { isRunning: true, isFinished: false }) };
    });
    const isRunning = new Set(curves.map(({ trial }) => trial.id));
    const ended = [...this.#ended].filter(([id]) => !isRunning.has(id)).map(([, curve]) => curve);
    const all = [...ended, ...curves.map(({ curve }) => curve)];
    const reasons = new Map<Trial, string>();
    for (const { trial, curve } of curves) {
      const reason = this.#pruner.reasonToStop(curve, all);
      if (reason !== undefined) reasons.set(trial, reason);
    }
    return reasons;
  }

  #curve(trial: Trial, state: Pick<TrialCurve, "isRunning" | "isFinished">): TrialCurve {
    const { name, goal } = this.#metric;
    const sign = goal === "maximize" ? -1 : 1;
    const values = readMetrics(this.#folder.runFolder(trial.id)).flatMap(({ step, metrics }) => {
      const value = metrics[name];
      return value === undefined ? [] : [{ step, value: sign * value }];
    });
    return { index: trial.index, ...state, values };
  }
}
