import { isOut, type StagedTrial, type StagedTrials } from "./stagedTrials.ts";
import type { Trial } from "./trialPlan.ts";
import type { TrialQueue, TrialSource } from "./trialQueue.ts";
import type { TrialRecord } from "./trialRecord.ts";

/** What happens where all trials wait for each other. */
export interface Barrier {
  /** Decides on all trials that wait at a rung, when none runs. */
  decide(rung: number): void;
  /** Called before the first trial goes on to a rung. Repeated after a crash. */
  enter?(rung: number): Promise<void>;
}

/**
 * Trials that go on together: all come to a rung before any goes on from it, so that what is
 * decided there does not depend on how many run at once, or where.
 */
export class BarrierQueue implements TrialSource {
  readonly #base: TrialQueue;
  readonly #trials: StagedTrials;
  readonly #barrier: Barrier;
  /** Calls come one after another. */
  #turn: Promise<unknown> = Promise.resolve();
  #entered = -1;

  /** @param base gives the trials, and keeps the accounts */
  constructor(base: TrialQueue, trials: StagedTrials, barrier: Barrier) {
    this.#base = base;
    this.#trials = trials;
    this.#barrier = barrier;
  }

  take(): Promise<Trial | "later" | undefined> {
    const taken = this.#turn.then(() => this.#take());
    this.#turn = taken.catch(() => undefined);
    return taken;
  }

  account(trial: Trial, record: TrialRecord): void {
    this.#trials.ended(trial, record);
    this.#base.account(trial, record);
  }

  refresh(isBegun: (trial: Trial) => boolean): void {
    this.#takeAllIn();
    for (const { trial, record } of this.#trials.refresh(isBegun))
      this.#base.account(trial, record);
  }

  async #take(): Promise<Trial | "later" | undefined> {
    this.#takeAllIn();
    while (!this.#base.isOver) {
      const { all } = this.#trials;
      const rung = Math.min(...all.filter(isActive).map((staged) => staged.rung));
      const next = all.find((each) => each.rung === rung && this.#trials.isDue(each));
      if (next) {
        await this.#enter(rung);
        return this.#trials.start(next);
      }
      if (all.some((each) => each.isRunning || this.#isAwaited(each, rung))) return "later";
      if (!Number.isFinite(rung)) return undefined;
      this.#barrier.decide(rung);
    }
    return undefined;
  }

  /** Whether another worker is going to carry it out. */
  #isAwaited(staged: StagedTrial, rung: number): boolean {
    return staged.rung === rung && this.#trials.isWanted(staged);
  }

  /** All there are: who competes must not depend on who has come. */
  #takeAllIn(): void {
    if (this.#trials.all.length > 0) return;
    for (let trial = this.#base.next(); trial; trial = this.#base.next()) {
      const { record } = this.#trials.add(trial);
      this.#base.account(trial, record);
    }
  }

  async #enter(rung: number): Promise<void> {
    if (rung <= this.#entered) return;
    await this.#barrier.enter?.(rung);
    this.#entered = rung;
  }
}

/** Whether it can still go on since the sweep was started. */
const isActive = (staged: StagedTrial): boolean => !isOut(staged) && !staged.hasFailed;
