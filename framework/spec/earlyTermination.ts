import type { SchemaRegistry } from "./experimentSpec.ts";
import type { JsonSchema } from "./jsonSchema.ts";

/** W&B's way to stop trials early; the bands count how often the metric was logged. */
export interface HyperbandSpec {
  readonly type: "hyperband";
  readonly min_iter?: number;
  readonly max_iter?: number;
  readonly s?: number;
  readonly eta: number;
  readonly strict: boolean;
}

/** Median stopping, on trials that have finished. */
export interface MedianSpec {
  readonly type: "median";
  /** Finished trials before any is stopped. */
  readonly startup_trials: number;
  readonly warmup_steps: number;
  /** Finished trials that must have a value at the step. */
  readonly min_trials: number;
}

/** Likewise, with another share of them than half. */
export interface PercentileSpec extends Omit<MedianSpec, "type"> {
  readonly type: "median" | "percentile";
  /** In (0, 100): how many percent of finished trials are good enough. */
  readonly percentile: number;
}

/** Trials stop that do not become better, whatever others do. */
export interface PatienceSpec {
  readonly type: "patience";
  /** In logged values. */
  readonly patience: number;
  readonly min_delta: number;
}

/** Asynchronous successive halving. */
export interface AshaSpec {
  readonly type: "asha";
  /** The first rung. */
  readonly min_steps: number;
  readonly eta: number;
  readonly first_arrivals: "continue" | "best_only";
  /** `pause`: each trial pauses at each rung, and goes on once it is among the best there. */
  readonly promotion?: "stop" | "pause";
}

/** Successive halving of a fixed population, rung by rung. */
export interface HalvingSpec {
  readonly type: "successive_halving";
  /** The first rung. */
  readonly min_steps: number;
  readonly eta: number;
}

export type EarlyTerminateSpec = (
  | HyperbandSpec
  | MedianSpec
  | (PercentileSpec & { readonly type: "percentile" })
  | AshaSpec
  | HalvingSpec
  | PatienceSpec
) & {
  /** By which of several objectives trials are judged. */
  readonly metric?: string;
};

const text: JsonSchema = { type: "string", minLength: 1 };
const count: JsonSchema = { type: "integer", minimum: 1 };
const eta: JsonSchema = {
  type: "number",
  exclusiveMinimum: 1,
  default: 3,
  description: "Step between bands, of which the best 1 / eta goes on.",
};

const many: JsonSchema = { type: "integer", minimum: 0 };

/** What a trial is compared with. */
const finishedTrials: SchemaRegistry = {
  startup_trials: {
    ...many,
    default: 5,
    description: "Finished trials before any is stopped.",
  },
  warmup_steps: { ...many, default: 0, description: "Steps in which none is stopped." },
  min_trials: {
    ...count,
    default: 1,
    description: "Finished trials that must have a value at the step.",
  },
};

/** Keys of `early_terminate` by its `type`, beside that. */
export const earlyTerminateSchemas: Readonly<Record<EarlyTerminateSpec["type"], SchemaRegistry>> = {
  hyperband: {
    min_iter: { ...count, description: "First band, in numbers of logged values." },
    max_iter: { ...count, description: "Last band, which wins over `min_iter`." },
    s: { ...count, description: "Bands below `max_iter`." },
    eta,
    strict: {
      type: "boolean",
      default: true,
      description: "Look at a band's value, not at the best until now.",
    },
  },
  median: finishedTrials,
  percentile: {
    percentile: {
      type: "number",
      exclusiveMinimum: 0,
      exclusiveMaximum: 100,
      default: 25,
      description: "How many percent of finished trials are good enough.",
    },
    ...finishedTrials,
  },
  patience: {
    patience: { ...many, default: 5, description: "Logged values without a better one." },
    min_delta: { type: "number", minimum: 0, default: 0, description: "By which it is worse." },
  },
  asha: {
    min_steps: { ...count, default: 1, description: "First rung; the next is eta times as far." },
    eta,
    first_arrivals: {
      enum: ["continue", "best_only"],
      default: "continue",
      description: "What becomes of the first trials at a rung, that are fewer than eta.",
    },
    promotion: {
      enum: ["stop", "pause"],
      default: "stop",
      description:
        "`stop`: trials run on until they are stopped; `pause`: they pause at each rung, and go on once they are among the best 1 / eta there, whoever came first.",
    },
  },
  successive_halving: {
    min_steps: {
      ...count,
      default: 1,
      description: "First rung, at which all trials pause; the next is eta times as far.",
    },
    eta,
  },
};

/** Of `early_terminate`, whatever its type. */
export const prunedMetricSchema: JsonSchema = {
  ...text,
  description: "By which of `metrics` trials are judged.",
};

const pruners = Object.keys(earlyTerminateSchemas);

/** @param type as the file says it; an unknown one is the one thing to report */
export function earlyTerminateSchema(type: unknown): JsonSchema {
  const known = Object.entries(earlyTerminateSchemas).find(([name]) => name === type);
  return {
    type: "object",
    description: "When trials are stopped that promise little, by `metric`.",
    required: ["type"],
    properties: { type: { enum: pruners }, ...known?.[1], metric: prunedMetricSchema },
    additionalProperties: known === undefined,
  };
}
