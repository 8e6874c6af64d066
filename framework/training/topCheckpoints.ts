import type { JsonObject, JsonValue } from "../base/json.ts";

/** A checkpoint that is on disk because of a callback. */
export type SavedCheckpoint = {
  name: string;
  step: number;
  /** Value of the monitored metric at that step; null: not measured there. */
  score: number | null;
};

/** How checkpoints compete. */
export interface Ranking {
  /** `newest`: by age, no metric is monitored. */
  readonly by: "min" | "max" | "newest";
  /** How many are kept; -1: all. */
  readonly count: number;
}

/**
 * The checkpoints worth keeping, the best first; of two equal ones the older. NaN is as bad as the
 * worst infinity. Without a score a checkpoint competes only where all are kept.
 */
export function topCheckpoints(
  candidates: readonly SavedCheckpoint[],
  { by, count }: Ranking,
): readonly SavedCheckpoint[] {
  const ranked = candidates.toSorted(by === "newest" ? byAge : byScore(by));
  if (count === -1) return ranked;
  return ranked.filter(({ score }) => by === "newest" || score !== null).slice(0, count);
}

const byAge = (a: SavedCheckpoint, b: SavedCheckpoint): number => b.step - a.step;

function byScore(mode: "min" | "max"): typeof byAge {
  const badness = ({ score }: SavedCheckpoint): number =>
    score === null || Number.isNaN(score) ? Infinity : mode === "min" ? score : -score;
  return (a, b) => compare(badness(a), badness(b)) || a.step - b.step;
}

const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether a value from a callback's saved state is one. */
export function isSavedCheckpoint(value: JsonValue | undefined): value is SavedCheckpoint {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { name, step, score }: JsonObject = value;
  const scored = score === null || typeof score === "number";
  return typeof name === "string" && typeof step === "number" && scored;
}
