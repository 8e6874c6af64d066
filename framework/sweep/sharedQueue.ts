import type { WorkerRegistry } from "./journalStore.ts";
import { restorePoints } from "./restorePoints.ts";
import type { SweepFolder } from "./sweepFolder.ts";
import type { TrialEvents } from "./trialEvents.ts";
import type { Trial, TrialPlan } from "./trialPlan.ts";
import { TrialQueue, type TrialSource } from "./trialQueue.ts";
import type { TrialRecord } from "./trialRecord.ts";

export interface SharedQueueOptions {
  readonly plan: TrialPlan;
  readonly folder: SweepFolder;
  /** @param isAgain whether this process has had one before */
  readonly open: (isAgain: boolean) => TrialSource;
  readonly events: TrialEvents;
  readonly workers: Pick<WorkerRegistry, "isAlive">;
  /** Whether a trial is left to another worker, who has its checkpoint. */
  readonly isHeld: (id: string) => boolean;
  /** Whether trials that have failed before this process came are tried again. */
  readonly retriesFailed: boolean;
}

/**
 * Trials for one of several workers: none is given to two of them. What a worker has begun is the
 * others' to take up when it is gone. Of trials that pause, whose queue decides who goes on, each worker
 * knows what all have done before it is given one.
 */
export class SharedQueue {
  readonly #options: SharedQueueOptions;
  /** Whether the trials do not depend on each other, so that one can be given before another ends. */
  readonly #isPlain: boolean;
  #queue: TrialSource;
  /** Those that are to be tried again. */
  readonly #failedBefore: Set<string>;
  /** Trials that other workers have begun. */
  readonly #elsewhere = new Map<string, Trial>();

  constructor(options: SharedQueueOptions) {
    this.#options = options;
    this.#queue = options.open(false);
    this.#isPlain = this.#queue instanceof TrialQueue;
    this.#failedBefore = new Set(options.retriesFailed ? options.folder.failedTrials() : []);
  }

  /**
   * Takes a trial, which the journal has as started then.
   *
   * @returns `later` when other workers' trials may still be given back; undefined when there are none
   */
  async take(): Promise<Trial | "later" | undefined> {
    const taken = await this.#options.events.exclusively(
      () => this.#take(),
      () => this.#startOver(),
    );
    if (typeof taken === "object") this.#failedBefore.delete(taken.id);
    return taken;
  }

  async #take(): Promise<Trial | "later" | undefined> {
    const { plan, folder } = this.#options;
    const queue = this.#queue;
    this.#noteFinished();
    restorePoints(plan, folder);
    queue.refresh?.((trial) => this.#stateOf(trial) === "begun");
    const left = this.#takeLeft();
    if (left) return this.#claim(left);
    for (let trial = await queue.take(); trial; trial = await queue.take()) {
      if (trial === "later") return "later";
      const state = this.#isPlain ? this.#stateOf(trial) : "free";
      if (state === "free") return this.#claim(trial);
      if (state === "begun") this.#elsewhere.set(trial.id, trial);
      else this.#accountOf(trial);
    }
    return this.#elsewhere.size > 0 ? "later" : undefined;
  }

  /** Forgets all that does not follow from the journal, such as a point that was thought up in vain. */
  #startOver(): void {
    this.#options.plan.rewind();
    this.#queue = this.#options.open(true);
    this.#elsewhere.clear();
  }

  /** Gives back what this process has begun and not ended. */
  giveBack(trial: Trial): void {
    if (this.#isPlain) this.#elsewhere.set(trial.id, trial);
    else this.#accountOf(trial);
  }

  /** Counts what a trial took that has ended, for now or for good, and what it has found. */
  account(trial: Trial, record: TrialRecord): void {
    this.#queue.account(trial, record);
  }

  #claim(trial: Trial): Trial {
    this.#options.events.note(trial, { event: "started" });
    return trial;
  }

  /** Others must know of what a worker that is gone has finished without saying so. */
  #noteFinished(): void {
    const { folder, workers, events } = this.#options;
    for (const { id, trial, worker = "" } of folder.openStarts()) {
      if (workers.isAlive(worker) || folder.record(id).status !== "finished") continue;
      events.note({ id, index: trial - 1 }, { event: "ended", outcome: "finished", seconds: 0 });
    }
  }

  /** What others have begun and left. */
  #takeLeft(): Trial | undefined {
    for (const trial of this.#elsewhere.values()) {
      const state = this.#stateOf(trial);
      if (state === "begun") continue;
      this.#elsewhere.delete(trial.id);
      if (state === "free") return trial;
      this.#accountOf(trial);
    }
    return undefined;
  }

  #accountOf(trial: Trial): void {
    this.account(trial, this.#options.folder.record(trial.id));
  }

  #stateOf({ id }: Trial): "free" | "begun" | "ended" {
    const { folder, workers, isHeld } = this.#options;
    const last = folder.lastEvent(id);
    if (last?.event !== "started" && last?.event !== "ended") return "free";
    const isOpen = last.event === "started" || last.again === true;
    const isHere = this.#isPlain && isHeld(id) ? "begun" : "free";
    if (isOpen) return workers.isAlive(last.worker ?? "") ? "begun" : isHere;
    if (last.event === "ended" && last.outcome === "interrupted") return isHere;
    return this.#failedBefore.has(id) ? "free" : "ended";
  }
}
