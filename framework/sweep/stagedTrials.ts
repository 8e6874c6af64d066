import { InputError } from "../base/errors.ts";
import { prunedMetric } from "../spec/sweepObjectives.ts";
import type { SweepMetric } from "../spec/sweepSpec.ts";
import { readMetrics } from "../tracking/metricsFile.ts";
import { currentTrial } from "./currentTrial.ts";
import type { JournalEvent } from "./journal.ts";
import type { RungEntry } from "./successiveHalving.ts";
import type { SweepFolder } from "./sweepFolder.ts";
import type { Trial, TrialPlan } from "./trialPlan.ts";
import type { TrialRecord } from "./trialRecord.ts";

/** A trial that pauses at rungs, as far as it is known. */
export interface StagedTrial {
  /** With the values that it has now. */
  trial: Trial;
  /** The rung it trains to or is paused at: how often it was decided on, unless dropped. */
  rung: number;
  record: TrialRecord;
  isRunning: boolean;
  /** Whether this process runs it. */
  isOwn: boolean;
  /** Whether it has failed since the sweep was started. */
  hasFailed: boolean;
  /** The last event of the journal that all this follows from. */
  seen: JournalEvent | undefined;
}

export interface StagedTrialsOptions {
  readonly plan: TrialPlan;
  readonly folder: SweepFolder;
  /** Where trials of a rung pause; undefined: they train to their end. */
  readonly untilStep: (rung: number) => number | undefined;
  readonly logsParameters?: boolean;
  /** Whether trials that have failed before this process came are tried again. Default: true. */
  readonly retriesFailed?: boolean;
  /** Whether a trial that has begun is left to another worker, who has its checkpoint. */
  readonly isHeld?: (id: string) => boolean;
}

/** The trials of a sweep that pause: where each is, and what it has reached there. */
export class StagedTrials {
  readonly all: StagedTrial[] = [];
  readonly metric: SweepMetric;
  readonly #options: StagedTrialsOptions;
  readonly #byId = new Map<string, StagedTrial>();

  /** @throws {RangeError} for a sweep without a metric */
  constructor(options: StagedTrialsOptions) {
    const { spec } = options.plan;
    const metric = prunedMetric(spec) ?? spec.metric;
    if (!metric) throw new RangeError("Cannot pause trials: expected a metric to compare them by");
    this.metric = metric;
    this.#options = options;
  }

  /** Takes a trial in, as earlier processes have left it. */
  add(trial: Trial): StagedTrial {
    const { retriesFailed = true } = this.#options;
    const known = this.#known(trial);
    const hasFailed = !retriesFailed && known.record.status === "failed";
    const staged: StagedTrial = { ...known, isRunning: false, isOwn: false, hasFailed };
    this.all.push(staged);
    this.#byId.set(trial.id, staged);
    return staged;
  }

  /**
   * Takes in what other workers have done since.
   *
   * @param isBegun whether a worker that lives has begun a trial and not ended it
   * @returns trials of which something is new
   */
  refresh(isBegun: (trial: Trial) => boolean): StagedTrial[] {
    return this.all.filter((staged) => {
      if (staged.isOwn) return false;
      const last = this.#options.folder.lastEvent(staged.trial.id);
      const isRunning = isBegun(staged.trial);
      if (last === staged.seen && isRunning === staged.isRunning) return false;
      const hasFailed = last?.event === "ended" && last.outcome === "failed" && !isRunning;
      Object.assign(staged, this.#known(staged.trial), { isRunning, hasFailed });
      return true;
    });
  }

  /** What folder and journal say of a trial. */
  #known(trial: Trial): Pick<StagedTrial, "trial" | "rung" | "record" | "seen"> {
    const { plan, folder } = this.#options;
    const decisions = folder.decisions(trial.id).filter(({ decision }) => decision !== "dropped");
    return {
      trial: currentTrial(plan, folder, trial),
      rung: decisions.length,
      record: folder.record(trial.id),
      seen: folder.lastEvent(trial.id),
    };
  }

  /** The trial to be carried out, until its next rung. */
  start(staged: StagedTrial): Trial {
    const { untilStep, logsParameters } = this.#options;
    const until = untilStep(staged.rung);
    staged.isRunning = staged.isOwn = true;
    const stage = {
      ...(until !== undefined && { untilStep: until }),
      ...(logsParameters && { logsParameters }),
    };
    return { ...staged.trial, stage };
  }

  /** Notes how far a trial has come. */
  ended({ id }: Trial, record: TrialRecord): void {
    const staged = this.#byId.get(id);
    if (!staged) return;
    staged.record = record;
    staged.isRunning = staged.isOwn = false;
    staged.hasFailed = record.status === "failed";
  }

  /** Whether only another worker can go on with it. */
  isHeld({ trial }: StagedTrial): boolean {
    return this.#options.isHeld?.(trial.id) ?? false;
  }

  /** Whether it can be carried out now. */
  isDue(staged: StagedTrial): boolean {
    return this.isWanted(staged) && !this.isHeld(staged);
  }

  /** Whether it can be carried out now, by whoever can go on with it. */
  isWanted(staged: StagedTrial): boolean {
    if (staged.isRunning || staged.hasFailed || isOut(staged)) return false;
    return !this.isPaused(staged);
  }

  /** Whether it has come to its rung, and waits there. */
  isPaused({ rung, record, isRunning }: StagedTrial): boolean {
    const { pausedAt } = record;
    const until = this.#options.untilStep(rung);
    if (isRunning || record.status !== "paused" || pausedAt === undefined) return false;
    return until !== undefined && pausedAt >= until;
  }

  /** What a trial had reached by a step. @param since only values after this step count */
  entry({ trial }: StagedTrial, step: number, since = -1): RungEntry {
    const { folder } = this.#options;
    const { name, goal } = this.metric;
    const logged = readMetrics(folder.runFolder(trial.id)).findLast(
      (each) => each.step <= step && each.step > since && Object.hasOwn(each.metrics, name),
    );
    const value = logged?.metrics[name];
    return {
      index: trial.index,
      value: value === undefined ? undefined : this.#sign(goal) * value,
    };
  }

  /** A value of an entry as the runs logged it. */
  describe(value: number | undefined): string {
    if (value === undefined) return "no value";
    return String(Number((this.#sign(this.metric.goal) * value).toPrecision(6)));
  }

  #sign(goal: SweepMetric["goal"]): number {
    return goal === "maximize" ? -1 : 1;
  }

  /** @throws {InputError} when no trial has logged the metric by a step */
  checkLogged(entries: readonly RungEntry[], step: number): void {
    if (entries.length === 0 || entries.some(({ value }) => value !== undefined)) return;
    throw new InputError(
      `Cannot compare trials at step ${step}: expected ${this.metric.name} among what they have logged by then, got none; pause at a multiple of trainer.valCheckInterval, or correct metric.name`,
    );
  }
}

/** Whether a trial is not carried out any more. */
export const isOut = ({ record: { status } }: StagedTrial): boolean =>
  status === "finished" || status === "pruned";
