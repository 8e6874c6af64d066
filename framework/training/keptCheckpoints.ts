import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";

import type { JsonObject, JsonValue } from "../base/json.ts";
import {
  checkpointNameIn,
  checkpointStep,
  listCheckpoints,
  writePointer,
} from "./checkpointFolder.ts";
import {
  isSavedCheckpoint,
  topCheckpoints,
  type Ranking,
  type SavedCheckpoint,
} from "./topCheckpoints.ts";
import type { TrainerState } from "./trainerState.ts";

export interface KeptCheckpointsOptions {
  /** The callback that keeps them, for messages. */
  readonly owner: string;
  /** The metric that decides; null: none does, and `best.json` is left alone. */
  readonly monitor: string | null;
  readonly ranking: Ranking;
  /** Whether the newest is kept too, best or not. */
  readonly keepsLast: boolean;
  /** So many bytes at most on the disk, but for the best and the newest; default: any number. */
  readonly maxTotalBytes?: number;
}

/** A checkpoint of another folder. */
interface Elsewhere {
  readonly path: string;
  readonly score: number | null;
}

/** Whose `best.json` is in a fit. */
const pointing = new WeakMap<TrainerState, KeptCheckpoints>();

/**
 * The checkpoints that one callback keeps: the best, and perhaps the last. One that is no longer
 * kept is removed only after the checkpoint that takes its place is written.
 */
export class KeptCheckpoints {
  readonly #options: KeptCheckpointsOptions;
  #folder = "";
  #top: readonly SavedCheckpoint[] = [];
  #last: SavedCheckpoint | undefined;
  /** Whether `best.json` is this one's. */
  #points = false;
  /** What `best.json` names. */
  #pointedTo: SavedCheckpoint | undefined;
  /** Those that were written: one that somebody has removed since keeps nothing else there. */
  readonly #seen = new WeakSet<SavedCheckpoint>();
  /** To be removed once the checkpoint that says so is durable. */
  #obsolete: readonly string[] = [];
  /** The best of a fit in another folder that this one continues. */
  #inherited: Elsewhere | undefined;

  constructor(options: KeptCheckpointsOptions) {
    this.#options = options;
  }

  /** @throws {RangeError} when nothing can be saved */
  setup(state: TrainerState): void {
    const { task, checkpointsFolder } = state;
    if (task !== "fit") return;
    if (checkpointsFolder === undefined) {
      throw new RangeError(
        `Cannot use ${this.#options.owner}: the Trainer needs a checkpointsFolder to save to`,
      );
    }
    this.#folder = checkpointsFolder;
    this.#claimPointer(state);
  }

  /** There is one `best.json`: it is that of the first callback that monitors something. */
  #claimPointer(state: TrainerState): void {
    const { owner, monitor } = this.#options;
    if (monitor === null) return;
    const first = pointing.get(state) ?? this;
    pointing.set(state, first);
    this.#points = first === this;
    if (this.#points) return;
    state.print(
      `${owner}: best.json is that of ${first.#options.owner} for ${first.#options.monitor}, which comes first, and not for ${monitor}`,
    );
  }

  /** The best first. */
  get top(): readonly SavedCheckpoint[] {
    return this.#top;
  }

  get last(): SavedCheckpoint | undefined {
    return this.#last;
  }

  /** Also one that a fit in another folder has left. */
  get best(): Elsewhere | undefined {
    const [best] = this.#top;
    return best ? { path: this.pathOf(best), score: best.score } : this.#inherited;
  }

  pathOf({ name }: SavedCheckpoint): string {
    return path.join(this.#folder, name);
  }

  keeps(name: string): boolean {
    return this.#held().has(name);
  }

  /**
   * Decides whether a checkpoint of the running step is worth keeping.
   *
   * @param nameIt is given the names that are no longer kept then
   * @returns its name; undefined when it is not kept
   */
  offer(
    step: number,
    score: number | null,
    nameIt: (dropped: readonly string[]) => string,
  ): string | undefined {
    const entry: SavedCheckpoint = { name: "", step, score };
    const before = this.#held();
    const others = this.#top.filter((saved) => saved.step < step);
    const { keepsLast, ranking } = this.#options;
    const selected = this.#thatFit(topCheckpoints([...others, entry], ranking), entry);
    if (!selected.includes(entry) && !keepsLast) return undefined;
    this.#top = selected;
    this.#last = keepsLast ? entry : undefined;
    const dropped = [...before].filter((name) => !this.keeps(name));
    entry.name = nameIt(dropped);
    const obsolete = new Set([...this.#obsolete, ...dropped]);
    this.#obsolete = [...obsolete].filter((name) => name !== entry.name);
    return entry.name;
  }

  /**
   * Those for which there is room, the best of all in any case.
   *
   * @param entry is not written yet: it is taken to be as large as the largest
   */
  #thatFit(ranked: readonly SavedCheckpoint[], entry: SavedCheckpoint): readonly SavedCheckpoint[] {
    const { maxTotalBytes = Infinity, keepsLast } = this.#options;
    if (maxTotalBytes === Infinity) return ranked;
    const written = ranked.filter((saved) => saved !== entry);
    const known = new Map(written.map((saved) => [saved, folderBytes(this.pathOf(saved))]));
    const expected = Math.max(0, ...known.values());
    let room = maxTotalBytes - (keepsLast ? expected : 0);
    const fits = (saved: SavedCheckpoint): boolean => {
      if (saved === entry && keepsLast) return true; // its room is taken already
      room -= known.get(saved) ?? expected;
      return room >= 0;
    };
    const firstTooMany = ranked.findIndex((saved, rank) => !fits(saved) && rank > 0);
    return firstTooMany < 0 ? ranked : ranked.slice(0, firstTooMany);
  }

  /** What is known of a checkpoint that is kept. */
  find(name: string): SavedCheckpoint | undefined {
    return [...this.#top, ...(this.#last ? [this.#last] : [])].find((saved) => saved.name === name);
  }

  /**
   * Points to the best and removes what is not needed, as far as it may be; the rest waits. Called
   * when any checkpoint was saved, as all of a step are durable then; can be done again after a
   * crash. Where one that is kept could not be saved, what it was to replace stays.
   */
  finish(state: TrainerState): void {
    if (this.#isWritten(state)) this.#settle(state);
  }

  /** Whether all that are kept have been seen on the disk, where they are rank 0's. */
  #isWritten({ globalRank }: TrainerState): boolean {
    if (globalRank > 0) return true;
    const kept = [...this.#top, ...(this.#last ? [this.#last] : [])];
    for (const saved of kept) {
      if (this.#seen.has(saved)) continue;
      if (checkpointStep(this.#folder, saved.name) !== saved.step) return false;
      this.#seen.add(saved);
    }
    return true;
  }

  #settle(state: TrainerState): void {
    this.#pointToBest();
    for (const name of this.#obsolete) state.removeCheckpoint(name);
    this.#obsolete = this.#obsolete.filter((name) => existsSync(path.join(this.#folder, name)));
  }

  #pointToBest(): void {
    const [best] = this.#top;
    const { monitor } = this.#options;
    if (!this.#points || monitor === null) return;
    if (!best || best === this.#pointedTo || best.score === null) return;
    const { name: checkpoint, step, score } = best;
    writePointer(this.#folder, "best", { checkpoint, step, monitor, score: String(score) });
    this.#pointedTo = best;
  }

  /** At the start of a fit, after `load`: looks at what there is. */
  start(state: TrainerState): void {
    const { resumedFrom } = state;
    if (checkpointNameIn(this.#folder, resumedFrom) !== undefined) {
      const isWritten = this.#isWritten(state);
      this.#top = this.#top.filter(({ name, step }) => checkpointStep(this.#folder, name) === step);
      if (isWritten) this.#settle(state);
    } else if (resumedFrom !== undefined) {
      this.#leave(state, path.dirname(resumedFrom));
    } else if (listCheckpoints(this.#folder).length > 0) {
      state.print(
        `${this.#options.owner}: ${this.#folder} has checkpoints of another fit, which stay`,
      );
    }
  }

  /** Another folder's checkpoints stay there; only the best is remembered. */
  #leave(state: TrainerState, folder: string): void {
    const [best] = this.#top;
    if (best) this.#inherited = { path: path.join(folder, best.name), score: best.score };
    [this.#top, this.#last, this.#obsolete] = [[], undefined, []];
    const known = this.#inherited ? `, the best of them is ${this.#inherited.path}` : "";
    state.print(`${this.#options.owner}: the checkpoints in ${folder} stay there${known}`);
  }

  #held(): Set<string> {
    return new Set([...this.#top, ...(this.#last ? [this.#last] : [])].map(({ name }) => name));
  }

  stateDict(): JsonObject {
    return {
      top: this.#top.map((saved) => ({ ...saved })),
      last: this.#last ? { ...this.#last } : null,
      obsolete: [...this.#obsolete],
      inherited: this.#inherited ? { ...this.#inherited } : null,
    };
  }

  loadStateDict({ top, last, obsolete, inherited }: JsonObject): void {
    this.#top = listOf(top).filter(isSavedCheckpoint);
    this.#last = isSavedCheckpoint(last) ? last : undefined;
    this.#obsolete = listOf(obsolete).filter((name) => typeof name === "string");
    this.#inherited = isElsewhere(inherited) ? inherited : undefined;
  }
}

/** Of a checkpoint's files; 0 when it is gone. */
function folderBytes(folder: string): number {
  if (!existsSync(folder)) return 0;
  const sizes = readdirSync(folder).map((name) => statSync(path.join(folder, name)).size);
  return sizes.reduce((sum, size) => sum + size, 0);
}

const listOf = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? value : [];

function isElsewhere(
  value: JsonValue | undefined,
): value is { path: string; score: number | null } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return typeof value["path"] === "string";
}
