import type { AshaSpec, HalvingSpec } from "../spec/earlyTermination.ts";
import { BarrierQueue } from "./barrierQueue.ts";
import { isOut, StagedTrials, type StagedTrial } from "./stagedTrials.ts";
import { decideRung, nextPromotion, rungStep, survivors } from "./successiveHalving.ts";
import type { RungDecision, RungEntry } from "./successiveHalving.ts";
import type { SweepFolder } from "./sweepFolder.ts";
import type { TrialEvents } from "./trialEvents.ts";
import type { Trial, TrialPlan } from "./trialPlan.ts";
import type { TrialQueue, TrialSource } from "./trialQueue.ts";
import type { TrialRecord } from "./trialRecord.ts";

export interface StagedQueueOptions {
  readonly plan: TrialPlan;
  readonly folder: SweepFolder;
  readonly events: TrialEvents;
  /** Gives the trials, and keeps the accounts. */
  readonly base: TrialQueue;
  /** At most so many trials are looked at, from the first. */
  readonly count?: number;
  /** Whether trials that have failed before this process came are tried again. Default: true. */
  readonly retriesFailed?: boolean;
  /** Whether a trial that has begun is left to another worker, who has its checkpoint. */
  readonly isHeld?: (id: string) => boolean;
}

/** Synchronous successive halving: at each rung all trials pause, and the best go on. */
export function halvingQueue(
  options: StagedQueueOptions,
  { min_steps: minSteps, eta }: HalvingSpec,
): TrialSource {
  const { plan, base, count = Infinity, events } = options;
  const population = Math.min(count, plan.count ?? 0);
  const untilStep = (rung: number): number | undefined => {
    const isAlone = rung > 0 && survivors(population, eta, rung - 1) === 1;
    return isAlone || population === 1 ? undefined : rungStep(minSteps, eta, rung);
  };
  const trials = new StagedTrials({ ...options, untilStep });
  const decide = (rung: number): void => {
    const step = rungStep(minSteps, eta, rung);
    const entrants = trials.all.filter((staged) => staged.rung >= rung);
    const entries = entrants.map((staged) => trials.entry(staged, step));
    trials.checkLogged(entries, step);
    const keep = survivors(population, eta, rung);
    for (const decision of decideRung(entries, keep)) {
      const staged = entrants.find(({ trial }) => trial.index === decision.index)!;
      if (staged.rung > rung || isOut(staged)) continue;
      const reason = describe("successive halving", step, { decision, keep, trials, entries });
      note(staged, { decision, step, reason, events });
      staged.record = options.folder.record(staged.trial.id);
    }
  };
  return new BarrierQueue(base, trials, { decide });
}

/**
 * Asynchronous successive halving that pauses: a trial goes on from a rung once it is among the best
 * 1 / eta of all that have come there, the highest rung first; when none is, a new one begins.
 *
 * Source: Li et al. 2020, arXiv:1810.05934, algorithm 2.
 */
export class PromotionQueue implements TrialSource {
  readonly #options: StagedQueueOptions;
  readonly #spec: AshaSpec;
  readonly #trials: StagedTrials;
  /** What a trial had reached at its rungs; that does not change any more. */
  readonly #entries = new Map<StagedTrial, RungEntry[]>();

  constructor(options: StagedQueueOptions, spec: AshaSpec) {
    this.#options = options;
    this.#spec = spec;
    this.#trials = new StagedTrials({ ...options, untilStep: (rung) => this.#stepOf(rung) });
  }

  async take(): Promise<Trial | "later" | undefined> {
    const { base } = this.#options;
    if (base.isOver) return undefined;
    this.#takeInBegun();
    const due = this.#trials.all.find((staged) => this.#trials.isDue(staged)) ?? this.#promote();
    if (due) return this.#trials.start(due);
    for (let trial = base.next(); trial; trial = base.next()) {
      const staged = this.#takeIn(trial);
      if (this.#trials.isDue(staged)) return this.#trials.start(staged);
    }
    const isAwaited = (each: StagedTrial): boolean => each.isRunning || this.#trials.isWanted(each);
    const isBusy = this.#trials.all.some(isAwaited) || this.#next(true) !== undefined;
    return isBusy ? "later" : undefined;
  }

  account(trial: Trial, record: TrialRecord): void {
    this.#trials.ended(trial, record);
    this.#options.base.account(trial, record);
  }

  refresh(isBegun: (trial: Trial) => boolean): void {
    this.#takeInBegun();
    for (const { trial, record } of this.#trials.refresh(isBegun)) {
      this.#options.base.account(trial, record);
    }
  }

  /** Takes in what earlier processes, or other workers, have begun, before anything is compared. */
  #takeInBegun(): void {
    const { base, plan, folder } = this.#options;
    const isBegun = (index: number): boolean => {
      const isThoughtUp = plan.independent === undefined || index < plan.known(Infinity).length;
      const trial = isThoughtUp ? plan.trialAt(index) : undefined;
      return trial !== undefined && folder.record(trial.id).status !== "waiting";
    };
    for (let index = this.#trials.all.length; isBegun(index); index++) {
      const trial = base.next();
      if (!trial) return;
      this.#takeIn(trial);
    }
  }

  #takeIn(trial: Trial): StagedTrial {
    const staged = this.#trials.add(trial);
    if (isOut(staged)) this.#options.base.account(trial, staged.record);
    return staged;
  }

  /** Lets one go on that is good enough, if there is one. */
  #promote(): StagedTrial | undefined {
    const next = this.#next(false);
    return next && this.#goOn(next);
  }

  /**
   * The first that is good enough, from the highest rung.
   *
   * @param isHeld whether of those that only another worker can go on with, or of the others
   */
  #next(isHeld: boolean): Promotion | undefined {
    const { all } = this.#trials;
    const { eta } = this.#spec;
    const highest = Math.max(0, ...all.map(({ rung }) => rung));
    for (let rung = highest; rung >= 0; rung--) {
      const there = all.filter((each) => each.rung > rung || this.#hasCome(each, rung));
      const entries = there.map((staged) => this.#entryAt(staged, rung));
      const byIndex = new Map(there.map((staged) => [staged.trial.index, staged]));
      const hasGoneOn = (index: number): boolean => {
        const staged = byIndex.get(index)!;
        return staged.rung > rung || isOut(staged) || this.#trials.isHeld(staged) !== isHeld;
      };
      const decision = nextPromotion(entries, eta, hasGoneOn);
      const staged = decision && byIndex.get(decision.index);
      if (staged) return { staged, decision, entries };
    }
    return undefined;
  }

  #hasCome(staged: StagedTrial, rung: number): boolean {
    if (staged.rung !== rung) return false;
    return this.#trials.isPaused(staged) || staged.record.status === "finished";
  }

  #goOn({ staged, decision, entries }: Promotion): StagedTrial {
    const step = this.#stepOf(staged.rung);
    const keep = Math.floor(entries.length / this.#spec.eta);
    const reason = describe("asha", step, { decision, keep, trials: this.#trials, entries });
    note(staged, { decision, step, reason, events: this.#options.events });
    return staged;
  }

  #entryAt(staged: StagedTrial, rung: number): RungEntry {
    const known = this.#entries.get(staged) ?? [];
    known[rung] ??= this.#trials.entry(staged, this.#stepOf(rung));
    this.#entries.set(staged, known);
    return known[rung];
  }

  #stepOf(rung: number): number {
    return rungStep(this.#spec.min_steps, this.#spec.eta, rung);
  }
}

/** A trial that may go on from its rung, with all that came there. */
interface Promotion {
  readonly staged: StagedTrial;
  readonly decision: RungDecision;
  readonly entries: readonly RungEntry[];
}

interface Comparison {
  readonly decision: RungDecision;
  readonly keep: number;
  readonly trials: StagedTrials;
  readonly entries: readonly RungEntry[];
}

/** Such as `asha at step 30: 0.5 is number 2 of 9, of which the best 3 go on, to 0.6`. */
function describe(
  rule: string,
  step: number,
  { decision, keep, trials, entries }: Comparison,
): string {
  const value = entries.find(({ index }) => index === decision.index)?.value;
  const { place, competitors, cutoff } = decision;
  const best = keep === 1 ? "best goes on" : `best ${keep} go on`;
  return `${rule} at step ${step}: ${trials.describe(value)} is number ${place} of ${competitors}, of which the ${best}, to ${trials.describe(cutoff)}`;
}

interface Noted {
  readonly decision: RungDecision;
  readonly step: number;
  readonly reason: string;
  readonly events: TrialEvents;
}

function note(staged: StagedTrial, { decision, step, reason, events }: Noted): void {
  const { trial, rung } = staged;
  events.decide(trial, {
    event: "decided",
    decision: decision.isPromoted ? "promoted" : "dropped",
    rung,
    step,
    reason,
  });
  if (decision.isPromoted) staged.rung++;
}
