import { existsSync, readdirSync } from "node:fs";

import {
  checkpointNameIn,
  checkpointStep,
  isPassingName,
  removeCheckpointFolder,
} from "./checkpointFolder.ts";
import type { CheckpointRequest } from "./checkpointRequest.ts";
import type { TrainerSettings } from "./trainerOptions.ts";

/** The checkpoints of a fit: what is asked for, which names are free, which may be removed. */
export class FitCheckpoints {
  readonly #settings: Pick<TrainerSettings, "callbacks" | "checkpointsFolder">;
  /** Folder of the checkpoint that the fit continues. */
  resumedFrom: string | undefined;
  /** Name of the last one that was saved or resumed from. */
  #last: string | undefined;
  /** Those that the last durable state of the callbacks speaks of. */
  #durablyKept: ReadonlySet<string> = new Set();

  /** Undefined: no more are taken. */
  #requests: CheckpointRequest[] | undefined = [];

  constructor(settings: Pick<TrainerSettings, "callbacks" | "checkpointsFolder">) {
    this.#settings = settings;
  }

  /** @throws {Error} after `refuseRequests` */
  request(request: CheckpointRequest): void {
    if (!this.#requests) {
      throw new Error(
        "Cannot save a checkpoint: training is over and others may have replaced the weights; ask in onTrainEnd or before",
      );
    }
    this.#requests.push(request);
  }

  /** Those that were asked for since the last call. */
  takeRequests(): readonly CheckpointRequest[] {
    return this.#requests?.splice(0) ?? [];
  }

  refuseRequests(): void {
    this.#requests = undefined;
  }

  get last(): string | undefined {
    return this.#last;
  }

  /**
   * What the callbacks keep as they are now.
   *
   * @param added checkpoints that may not be there yet
   */
  keptNow(added: readonly string[] = []): ReadonlySet<string> {
    const { callbacks, checkpointsFolder = "" } = this.#settings;
    const there = existsSync(checkpointsFolder) ? readdirSync(checkpointsFolder) : [];
    const kept = [...there, ...added].filter((each) =>
      callbacks.some((callback) => callback.keepsCheckpoint?.(each)),
    );
    return new Set(kept);
  }

  /**
   * Remembers which one a fit would be resumed from.
   *
   * @param kept what the callbacks kept when it was made
   */
  setLast(name: string, kept: ReadonlySet<string>): void {
    this.#last = name;
    this.#durablyKept = kept;
  }

  /** See `TrainerState.freeCheckpointName`. */
  freeName(name: string, replaced: readonly string[], step: number): string {
    const folder = this.#settings.checkpointsFolder ?? "";
    const resumes = checkpointNameIn(folder, this.resumedFrom) !== undefined;
    const isFree = (candidate: string): boolean => {
      if (replaced.includes(candidate)) return !this.#isNeeded(candidate);
      const savedAt = checkpointStep(folder, candidate);
      return savedAt === undefined || (resumes && savedAt === step);
    };
    let free = name;
    for (let version = 1; !isFree(free); version++) free = `${name}-v${version}`;
    return free;
  }

  /** See `TrainerState.removeCheckpoint`. */
  remove(name: string): void {
    const folder = this.#settings.checkpointsFolder;
    if (folder === undefined || name === this.#last) return;
    if (this.#durablyKept.has(name) || this.#isNeeded(name)) return;
    removeCheckpointFolder(folder, name);
  }

  /** A checkpoint of an interruption, or of the start, has done its duty when another one is there. */
  #isNeeded(name: string): boolean {
    const { callbacks, checkpointsFolder } = this.#settings;
    const resumed = checkpointNameIn(checkpointsFolder, this.resumedFrom);
    if (name === resumed && !isPassingName(name)) return true;
    return callbacks.some((callback) => callback.keepsCheckpoint?.(name));
  }
}
