import type { JsonSchema } from "../jsonSchema.ts";
import { parallel } from "./parallel.ts";

/** Jobs of a Slurm cluster, whose nodes see the folders of this machine. */
export interface SlurmLauncherSpec {
  readonly name: "slurm";
  readonly parallel: number;
  readonly array: boolean;
  readonly partition?: string;
  readonly account?: string;
  readonly qos?: string;
  readonly time?: string | number;
  readonly cpusPerTask: number;
  readonly mem?: string | number;
  readonly gres?: string;
  readonly nodes?: number;
  /** Further options of sbatch, without `--`; true for those without a value. */
  readonly sbatch: Readonly<Record<string, string | number | boolean>>;
  readonly setup: readonly string[];
  readonly signalSeconds: number;
  readonly maxRequeues: number;
  readonly stopSeconds: number;
  readonly pollSeconds: number;
  readonly timeoutSeconds: number;
}

const text: JsonSchema = { type: "string", minLength: 1 };
const count: JsonSchema = { type: "integer", minimum: 1 };
const seconds: JsonSchema = { type: "number", exclusiveMinimum: 0 };

export const slurmSchema: JsonSchema = {
  properties: {
    parallel: {
      ...parallel,
      default: 16,
      description: `${parallel.description} Of an array, too.`,
    },
    array: {
      type: "boolean",
      default: false,
      description: "Trials that are ready together become one array, in the place of a job each.",
    },
    partition: { ...text, description: "As for sbatch; so are `account`, `qos` and `gres`." },
    account: text,
    qos: text,
    time: {
      type: ["string", "integer"],
      pattern: String.raw`^(?:\d+-)?\d+(?::\d+){0,2}$`,
      examples: ["30", "2:30:00", "1-12"],
      description: "Limit of a job: minutes, hours:minutes:seconds or days-hours.",
    },
    cpusPerTask: { ...count, default: 1, description: "Cores of a trial, which are its threads." },
    mem: {
      type: ["string", "integer"],
      pattern: String.raw`^\d+[KMGT]?$`,
      examples: ["16G", "4000"],
      description: "Memory of a job; without a unit in MB.",
    },
    gres: { ...text, description: "Such as `gpu:1`." },
    nodes: { ...count, description: "A trial is one process, and uses the first." },
    sbatch: {
      type: "object",
      additionalProperties: { type: ["string", "number", "boolean"] },
      default: {},
      description: "Further options of sbatch, without `--`; `true` for those without a value.",
    },
    setup: {
      type: "array",
      items: text,
      default: [],
      description: "Lines of shell that come before a trial, such as `module load cuda`.",
    },
    signalSeconds: {
      ...count,
      maximum: 65_535,
      default: 120,
      description: "So long before the limit a trial saves a checkpoint and is queued again.",
    },
    maxRequeues: {
      type: "integer",
      minimum: 0,
      default: 10,
      description:
        "How often a trial is queued again after a limit, preemption or a node's failure.",
    },
    stopSeconds: {
      ...seconds,
      default: 300,
      description: "Time to save a checkpoint in when the sweep is stopped.",
    },
    pollSeconds: { ...seconds, default: 5, description: "Between two looks at files and queue." },
    timeoutSeconds: { ...seconds, default: 30, description: "For each call of Slurm's programs." },
  },
};
