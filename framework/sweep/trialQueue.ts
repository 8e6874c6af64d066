import { reachesTargets, trialObjectives } from "./objectives.ts";
import { Observations } from "./observations.ts";
import type { PruneWatch } from "./pruneWatch.ts";
import { recordPoint } from "./recordedPoint.ts";
import type { SweepFolder } from "./sweepFolder.ts";
import type { TrialEvents } from "./trialEvents.ts";
import type { Trial, TrialPlan } from "./trialPlan.ts";
import { lastStep, type TrialRecord, type TrialStatus } from "./trialRecord.ts";

/** Of trials that say something of their point: one that was stopped early, by the last that it logged. */
const hasShown: readonly TrialStatus[] = ["finished", "pruned", "paused"];

export interface TrialQueueOptions {
  readonly plan: TrialPlan;
  readonly folder: SweepFolder;
  readonly events: TrialEvents;
  /** To be told of trials that have ended. */
  readonly pruning: PruneWatch | undefined;
  /** At most so many trials are looked at, from the first. */
  readonly count?: number;
}

/** Says which trial is carried out next, and how far. */
export interface TrialSource {
  /** @returns `later`: to be asked again when a trial has ended; undefined when there are no more */
  take(): Promise<Trial | "later" | undefined>;
  /** Counts what a trial took that has ended, for now or for good, and what it has found. */
  account(trial: Trial, record: TrialRecord): void;
  /**
   * Takes in what other workers have done since, where trials depend on each other.
   *
   * @param isBegun whether a worker that lives has begun a trial and not ended it
   */
  refresh?(isBegun: (trial: Trial) => boolean): void;
}

/** Trials in their order, by what the earlier ones have found and how long they took. */
export class TrialQueue implements TrialSource {
  readonly #options: TrialQueueOptions;
  readonly #observations: Observations;
  #next = 0;
  #spentSeconds = 0;
  /** What was counted of each trial, by its id. */
  readonly #secondsOf = new Map<string, number>();
  #hasReachedTarget = false;

  constructor(options: TrialQueueOptions) {
    this.#options = options;
    this.#observations = new Observations(options.plan.spec.objectives);
  }

  async take(): Promise<Trial | undefined> {
    for (let trial = this.next(); trial; trial = this.next()) {
      const record = this.#options.folder.record(trial.id);
      if (record.status !== "finished" && record.status !== "pruned") return trial;
      this.account(trial, record);
    }
    return undefined;
  }

  /** The next trial, whatever is known of it; undefined when no more are wanted. */
  next(): Trial | undefined {
    const { count = Infinity } = this.#options;
    if (this.#next >= count || this.isOver) return undefined;
    const trial = this.#nextTrial();
    if (trial) this.#next++;
    return trial;
  }

  account(trial: Trial, record: TrialRecord): void {
    const { plan, folder, pruning } = this.#options;
    const { objectives } = plan.spec;
    this.#spentSeconds += record.seconds - (this.#secondsOf.get(trial.id) ?? 0);
    this.#secondsOf.set(trial.id, record.seconds);
    pruning?.ended(trial, record.status === "finished");
    const hasTarget = objectives.some(({ target }) => target !== undefined);
    const isNeeded = hasTarget || plan.independent !== undefined;
    if (!isNeeded || !hasShown.includes(record.status)) return;
    const values = trialObjectives(folder.runFolder(trial.id), record, objectives);
    if (!values) return;
    const isFinished = record.status === "finished";
    const stoppedAt = isFinished
      ? undefined
      : lastStep(folder.runFolder(trial.id), objectives[0]!.name);
    this.#observations.add(trial, values, stoppedAt);
    if (isFinished && reachesTargets(objectives, values)) this.#hasReachedTarget = true;
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

  /** Whether the time is over, or a trial as good as was asked for. */
  get isOver(): boolean {
    const isLate = this.#spentSeconds >= (this.#options.plan.spec.maxSeconds ?? Infinity);
    return isLate || this.#hasReachedTarget;
  }
}
