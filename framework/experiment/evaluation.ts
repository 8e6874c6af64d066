import type { Compile } from "../base/compile.ts";
import type { ExperimentSpec } from "../spec/experimentSpec.ts";
import type { StoredRun } from "../tracking/runStore.ts";

/** A run to evaluate, which no process is working on. */
export interface EvaluatedRun {
  readonly stored: StoredRun;
  /** The run's, checked as for a run. */
  readonly spec: ExperimentSpec;
  /** How its spec differs from the others'; runs that differ in the seed alone have the same. */
  readonly name: string;
}

/** What `seedbed evaluate` was asked for; what is left out is as each run's own samples were. */
export interface EvaluateOptions {
  /** Examples that are made for each number. */
  readonly samples?: number | undefined;
  /** Of the first example. */
  readonly seed?: number | undefined;
  /** Further prompts to show. */
  readonly prompts?: readonly string[] | undefined;
  /** `last`, `best`, a checkpoint's name, or `model`: what the run exported at its end. */
  readonly checkpoint?: string | undefined;
  readonly weights?: "ema" | "raw" | undefined;
  /** A CLIP to compare pictures with prompts by: a folder, or `hf:owner/name`. */
  readonly clip?: string | undefined;
}

/** What the command line hands to an experiment that evaluates its runs. */
export interface EvaluateContext {
  /** At least one, in the order they were named. */
  readonly runs: readonly EvaluatedRun[];
  readonly options: EvaluateOptions;
  readonly compile: Compile;
  /** Aborted on SIGINT or SIGTERM; throw its reason. */
  readonly signal: AbortSignal;
  /** A line for the person watching. */
  readonly print: (line: string) => void;
  /** Begins to show how much of so many pictures, or other examples, is done. */
  readonly startProgress: (examples: number) => EvaluateProgress;
}

export interface EvaluateProgress {
  /** @param share in (0, 1] of all examples */
  readonly show: (share: number) => void;
  readonly close: () => void;
}
