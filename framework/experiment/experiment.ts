import type { Compile } from "../base/compile.ts";
import type { World } from "../distributed/world.ts";
import type { Report } from "../report/report.ts";
import type { ExperimentSpec } from "../spec/experimentSpec.ts";
import type { Run } from "../tracking/run.ts";
import type { Callback } from "../training/callback.ts";
import type { Trainer } from "../training/trainer.ts";
import type { EvaluateContext } from "./evaluation.ts";

/** What the command line hands to an experiment. */
export interface ExperimentContext {
  /** Resolved and checked against the common schema and the experiment's own. */
  readonly spec: ExperimentSpec;
  /** On workers other than rank 0 its folder is a temporary one, and nothing in it is kept. */
  readonly run: Run;
  /** The workers that run this experiment together; of one, if there are no others. */
  readonly world: World;
  readonly compile: Compile;
  /** Aborted on SIGINT or SIGTERM; long work outside the Trainer must look at it. */
  readonly signal: AbortSignal;
  /** Checkpoint folder to continue from, when the command was `resume`. */
  readonly resumeFrom?: string;
  /**
   * Nothing is trained, only looked at what memory training would take: up to the fit as little should
   * be done as can be, and nothing be kept that depends on weights.
   */
  readonly isEstimate?: true;
  /** A Trainer after `spec.trainer`, with the spec's callbacks followed by `extra`. */
  createTrainer(extra?: readonly Callback[]): Trainer;
  /** A line for the person watching. */
  readonly print: (line: string) => void;
}

/** Default export of `experiments/<name>/experiment.ts`. */
export interface Experiment {
  readonly name: string;
  /** JSON schemas of the spec's sections that this experiment reads, e.g. `model` and `data`. */
  readonly sections: Readonly<Record<string, object>>;
  /**
   * Fields of the spec, such as `distillation.teacher`, that name a model's folder: there `run:NAME`
   * means what the newest finished run of that name has made. Before anything looks at the spec, it is
   * replaced by the place.
   */
  readonly modelFields?: readonly string[];
  /**
   * Looks at everything the spec names (folders, images, models) before any work starts.
   *
   * @param warn takes a line on what looks wrong and can be used all the same
   */
  check?(spec: ExperimentSpec, warn: (line: string) => void): void | Promise<void>;
  /** Returns the summary: the last lines of the run, `name: value` each. */
  run(context: ExperimentContext): Promise<Readonly<Record<string, number | string>>>;
  /** Compares what runs of this experiment have learnt: `seedbed evaluate`. */
  evaluate?(context: EvaluateContext): Promise<Report>;
}
