import { reachesTargets, trialObjectives } from "./objectives.ts";
import { Observations } from "./observations.ts";
import type { PruneWatch } from "./pruneWatch.ts";
import { recordPoint } from "./recordedPoint.ts";
import type { SweepFolder } from "./sweepFolder.ts";
import type { TrialEvents } from "./trialEvents.ts";
import type { Trial, TrialPlan } from "./trialPlan.ts";
import type { TrialRecord } from "./trialRecord.ts";

export interface TrialQueueOptions {
  readonly plan: TrialPlan;
  readonly folder: SweepFolder;
  readonly events: TrialEvents;
  /** To be told of trials that have ended. */
  readonly pruning: PruneWatch | undefined;
  /** At most so many trials are looked at, from the first. */
  readonly count?: number;
}

/** Says which trial comes next, by what the earlier ones have found and how long they took. */
export class TrialQueue {
  readonly #options: TrialQueueOptions;
  readonly #observations: Observations;
  #next = 0;
  #spentSeconds = 0;
  #hasReachedTarget = false;

  constructor(options: TrialQueueOptions) {
    this.#options = options;
    this.#observations = new Observations(options.plan.spec.objectives);
  }

  /** @returns undefined when there are no more */
  take(): Trial | undefined {
    const { folder, count = Infinity } = this.#options;
    while (this.#next < count && !this.#isOver()) {
      const trial = this.#nextTrial();
      if (!trial) return undefined;
      this.#next++;
      const record = folder.record(trial.id);
      if (record.status !== "finished" && record.status !== "pruned") return trial;
      this.account(trial, record);
    }
    return undefined;
  }

  /** Counts what a trial took that has ended for good, and what it has found. */
  account(trial: Trial, record: TrialRecord): void {
    const { plan, folder, pruning } = this.#options;
    const { objectives } = plan.spec;
    this.#spentSeconds += record.seconds;
    pruning?.ended(trial, record.status === "finished");
    const hasTarget = objectives.some(({ target }) => target !== undefined);
    const isNeeded = hasTarget || plan.independent !== undefined;
    if (!isNeeded || record.status !== "finished") return;
    const values = trialObjectives(folder.runFolder(trial.id), record, objectives);
    if (!values) return;
    this.#observations.add(trial, values);
    if (reachesTargets(objectives, values)) this.#hasReachedTarget = true;
  }

  /** A point that a searcher has learnt is noted, so that a restart need not find the same again. */
  #nextTrial(): Trial | undefined {
    const { plan, events } = this.#options;
    const { pointCount, independent, id: sweep, spec } = plan;
    const observations = independent === undefined ? [] : this.#observations.list();
    const trial = plan.trialAt(this.#next, observations);
    if (trial && independent !== undefined && plan.pointCount > pointCount) {
      events.note(trial, { event: "suggested", sweep, point: recordPoint(spec, trial.point) });
    }
    return trial;
  }

  #isOver(): boolean {
    const isLate = this.#spentSeconds >= (this.#options.plan.spec.maxSeconds ?? Infinity);
    return isLate || this.#hasReachedTarget;
  }
}
