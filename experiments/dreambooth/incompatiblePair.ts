import type { ExperimentSpec } from "seedbed";

import type { DreamboothSettings } from "./settings.ts";

/** Two keys of a spec that do not go together. */
export interface IncompatiblePair {
  readonly keys: readonly [string, string];
  readonly when: (settings: DreamboothSettings, spec: ExperimentSpec) => boolean;
  /** What is wrong with them, and the cure. */
  readonly problem: string;
  /** One of them is only without effect: a warning. Default: the run is refused. */
  readonly isHarmless?: true;
}
