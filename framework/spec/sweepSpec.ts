import { intervalSchema } from "../base/interval.ts";
import { earlyTerminateSchema, type EarlyTerminateSpec } from "./earlyTermination.ts";
import type { SchemaRegistry } from "./experimentSpec.ts";
import type { Expression } from "./expression.ts";
import type { JsonSchema } from "./jsonSchema.ts";
import { launcherSchema, type LauncherSpec } from "./launchers/index.ts";
import { populationSchema, type PopulationSpec } from "./populationSpec.ts";
import type { SpecMapping } from "./specNode.ts";
import type { SpecPlace } from "./specPlace.ts";
import type { SweepCommand } from "./sweepCommand.ts";
import type { SweepParameter } from "./sweepParameters.ts";

/** What a sweep looks at. */
export interface SweepMetric {
  /** As a run's summary calls it, or its logged metrics. */
  readonly name: string;
  readonly goal: "minimize" | "maximize";
  /** No more trials are started once one has reached it. */
  readonly target?: number;
}

/** Ways to search that there is a searcher for; W&B's `custom` has none. */
export const searchMethods = [
  "grid",
  "random",
  "latin_hypercube",
  "sobol",
  "tpe",
  "bayes",
  "cma_es",
  "nsga2",
  "pbt",
] as const;

export type SearchMethod = (typeof searchMethods)[number];

/** What a trial may take of its machine. */
export interface TrialLimits {
  /** Undefined: its part of the cores. */
  readonly threads?: number;
  /** Undefined: any. */
  readonly memoryMb?: number;
}

/** A sweep's file, or a folder of runs, whose finished runs are taken for granted: absolute path. */
export interface WarmSource extends SpecPlace {
  readonly path: string;
}

/** A checked file of `sweeps/`. */
export interface SweepSpec {
  /** Usable as a folder's name: runs go to `runs/<name>/`. */
  readonly name: string;
  readonly description?: string;
  readonly method: SearchMethod;
  /** The experiment's spec that trials change: absolute path. Of no meaning beside `command`. */
  readonly program: string;
  /** How trials are started whose program is no spec. */
  readonly command?: SweepCommand;
  /** The only objective. */
  readonly metric?: SweepMetric;
  /** What trials are compared by: none, `metric` alone, or `metrics` in their order. */
  readonly objectives: readonly SweepMetric[];
  readonly parameters: readonly SweepParameter[];
  readonly constraints: readonly Expression[];
  /** Of all draws, and of the first trial of a point when `seeds` is given. */
  readonly seed: number;
  /** Runs of each point, on seeds `seed`, `seed` + 1, ...; undefined: one, on the program's seed. */
  readonly seeds?: number;
  readonly runCap?: number;
  /** Points of a generation, of a method that has some. */
  readonly population?: number;
  /** Where earlier runs are that a searcher learns from before its first point. */
  readonly warmStart: readonly WarmSource[];
  readonly maxSeconds?: number;
  readonly retries: number;
  readonly limits: TrialLimits;
  readonly earlyTerminate?: EarlyTerminateSpec;
  readonly launcher: LauncherSpec;
  readonly pbt?: PopulationSpec;
  /** What W&B is to be told, for trials whose spec does not say. */
  readonly wandb: { readonly project?: string; readonly entity?: string };
  /** The file itself, with what it extends merged in. */
  readonly root: SpecMapping;
}

const text: JsonSchema = { type: "string", minLength: 1 };
const count: JsonSchema = { type: "integer", minimum: 1 };
const impute = ["latest", "best", "worst"];

const metricSchema: JsonSchema = {
  type: "object",
  description: "The number that trials are compared by.",
  required: ["name"],
  properties: {
    name: { ...text, description: "As in a run's summary or its logged metrics." },
    goal: { enum: ["minimize", "maximize"], default: "minimize" },
    target: { type: "number", description: "No trial is started once one has reached it." },
    impute: { enum: impute, default: "worst", description: "Of failed trials, for W&B's `bayes`." },
    impute_while_running: { enum: [...impute, "false"], description: "Likewise, of running ones." },
  },
};

/** The keys of a sweep's file but `parameters`: W&B's, and ours. */
export const sweepSchemas: SchemaRegistry = {
  name: { ...text, description: "Runs go to `runs/<name>/`. Left out: the file's name." },
  description: { ...text, description: "What the sweep is for." },
  method: {
    enum: [...searchMethods, "custom"],
    description:
      "`grid`: every combination; `random`: independent draws; `latin_hypercube` and `sobol`: draws that fill the space evenly, the former in all `run_cap` trials together; `tpe`, `bayes`, `cma_es` and `nsga2`: draws that learn from `metric`, the last also from several `metrics`; `pbt`: a population that changes its values while it trains.",
  },
  program: {
    ...text,
    description:
      "The experiment's spec that trials change, relative to the file; or any other program, which `command` starts.",
  },
  metric: metricSchema,
  metrics: {
    type: "array",
    minItems: 2,
    items: metricSchema,
    description: "Several numbers that trials are compared by, in the place of `metric`.",
  },
  population: {
    type: "integer",
    minimum: 2,
    description: "Points of a generation of `nsga2`, 50 when left out; the first ones are random.",
  },
  warm_start: {
    type: "array",
    items: text,
    default: [],
    description:
      "Files of earlier sweeps, or folders of runs, relative to the file: `tpe`, `bayes`, `cma_es` and `nsga2` learn from the runs that have finished there.",
  },
  seed: {
    type: "integer",
    minimum: 0,
    maximum: 2 ** 32 - 1,
    default: 0,
    description: "Decides every draw, and the seeds of `seeds`.",
  },
  seeds: {
    ...count,
    description: "Runs of each point, on the seeds `seed`, `seed` + 1, ...: the same for all.",
  },
  constraints: {
    type: "array",
    items: text,
    default: [],
    description: "Conditions that every point must meet.",
  },
  run_cap: { ...count, description: "At most so many trials." },
  max_time: {
    ...intervalSchema(["seconds"]),
    description: "No trial is started after so much time, summed over the sweep's trials.",
  },
  retries: {
    type: "integer",
    minimum: 0,
    default: 1,
    description: "How often a crashed trial is taken up again.",
  },
  limits: {
    type: "object",
    description: "What a trial may take of its machine.",
    properties: {
      threads: { ...count, description: "Left out: its part of the cores." },
      memory: {
        type: "string",
        pattern: String.raw`^\d+(\.\d+)? ?(MB|GB)$`,
        description: "Resident, such as `4 GB`. A trial that takes more fails.",
      },
    },
  },
  early_terminate: earlyTerminateSchema(undefined),
  launcher: launcherSchema(undefined),
  pbt: populationSchema,
  command: {
    type: "array",
    items: text,
    description: "W&B's words to start a trial with, whose program is no spec.",
  },
  project: { ...text, description: "W&B's project of all trials." },
  entity: { ...text, description: "W&B's entity of all trials." },
  controller: {
    type: "object",
    properties: { type: { enum: ["cloud", "local"] } },
    description: "Not used: the sweep is controlled by the command.",
  },
  scheduler: { type: "object", description: "Only for W&B's `custom`." },
  job: { ...text, description: "Not used." },
  image_uri: { ...text, description: "Not used." },
  apiVersion: { ...text, description: "Not used." },
  kind: { enum: ["sweep"], description: "Not used." },
};

/**
 * Schema of one file.
 *
 * @param pruner `type` of its `early_terminate`
 * @param launcher `name` of its `launcher`
 */
export function sweepSpecSchema(
  parameters: JsonSchema,
  pruner: unknown,
  launcher: unknown,
): JsonSchema {
  return {
    type: "object",
    required: ["method", "parameters"],
    properties: {
      ...sweepSchemas,
      early_terminate: earlyTerminateSchema(pruner),
      launcher: launcherSchema(launcher),
      parameters: { ...parameters, description: "What trials differ in." },
    },
  };
}

/** Whether a file is a sweep's and no experiment's spec, by the keys that only a sweep has. */
export const isSweep = ({ entries }: SpecMapping): boolean =>
  entries.has("method") || entries.has("parameters");
