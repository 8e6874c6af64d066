/** What files are for, by their places in a run's folder, a sweep's, or a cache. */
export const fileKinds = [
  "checkpoint",
  "pointer",
  "metrics",
  "tensorBoard",
  "wandb",
  "csv",
  "picture",
  "manifest",
  "record",
  "sweep",
  "cache",
  "other",
] as const;

export type FileKind = (typeof fileKinds)[number];

/** Looked at in this order. */
const patterns: readonly (readonly [FileKind, RegExp])[] = [
  ["cache", /\/\.cache\/(?!.*\.png)/],
  ["pointer", /\/checkpoints\/[^/]+\.json\b/],
  ["checkpoint", /\/checkpoints(\/|$)/],
  ["metrics", /\/metrics\.[^/]*jsonl/],
  ["csv", /\/metrics\.csv/],
  ["tensorBoard", /\/tensorboard(\/|$)/],
  ["wandb", /\/wandb(\/|$)/],
  ["picture", /\.png\b|\/media(\/|$)/],
  ["manifest", /\/manifest\.json/],
  ["record", /\/(console|system)\.jsonl|\.lock$|\/spec\.yaml|\/git[^/]*\.patch/],
  ["sweep", /\/(sweep[^/]*|trial)\.json|\/sweep\./],
];

export function kindOf(file: string): FileKind {
  const name = file.replaceAll("\\", "/");
  return patterns.find(([, pattern]) => pattern.test(name))?.[0] ?? "other";
}

/**
 * What goes wrong: the process is killed, or killed while what no fsync has made durable is lost as
 * well; or the system refuses, or takes less than it is given.
 */
export type FaultAction = "kill" | "powerCut" | "ENOSPC" | "EIO" | "EROFS" | "short";

/** One thing that goes wrong in a process, at one of the calls that change files. */
export interface Fault {
  readonly action: FaultAction;
  /** The calls that count; any where it is absent. */
  readonly kind?: FileKind;
  /** Of these calls, from 1. Refusals and short writes go on from there. */
  readonly nth: number;
  /** Of a kill: before the call, half way through it, or after it. */
  readonly when?: "before" | "middle" | "after";
  /** Only such calls count, as `fsync`; any where it is absent. */
  readonly call?: string;
}

/** What the faulty process is told, in the variable `SEEDBED_FAULT`. */
export interface FaultPlan {
  /** Files elsewhere are left alone. */
  readonly root: string;
  readonly fault?: Fault;
  /** Made, with a line on the call, when the fault happens: it happens once, in one process. */
  readonly happened?: string;
  /** Gets a line for each call that counts: its kind. */
  readonly census?: string;
}

export const planVariable = "SEEDBED_FAULT";
