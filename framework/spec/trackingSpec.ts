import type { JsonSchema } from "./jsonSchema.ts";

export interface WandbSpec {
  readonly project?: string;
  readonly entity?: string;
  readonly group?: string;
  readonly jobType?: string;
  readonly notes?: string;
  readonly tags?: readonly string[];
}

export interface MlflowSpec {
  readonly folder?: string;
  readonly experiment?: string;
}

export interface ConsoleLoggerSpec {
  readonly everySteps?: number;
  readonly everySeconds?: number;
}

export interface LoggersSpec {
  readonly tensorBoard: boolean;
  readonly wandb: boolean | WandbSpec;
  readonly csv: boolean;
  readonly mlflow: boolean | MlflowSpec;
  readonly console: boolean | ConsoleLoggerSpec;
}

/** What else is kept of a run. */
export interface TrackingSpec {
  readonly consoleOutput: boolean;
  readonly systemMetricsSeconds: number;
}

const count = { type: "integer", minimum: 1 } as const;
const text = { type: "string" } as const;
const wandbTags = { type: "array", items: { ...text, minLength: 1, maxLength: 64 } } as const;

export const loggersSchema: JsonSchema = {
  type: "object",
  description: "Where metrics go beside `metrics.jsonl`, which is always written.",
  default: {},
  properties: {
    tensorBoard: { type: "boolean", default: true, description: "Event files for TensorBoard." },
    wandb: {
      anyOf: [
        { type: "boolean" },
        {
          type: "object",
          properties: {
            project: text,
            entity: text,
            group: text,
            jobType: text,
            notes: text,
            tags: wandbTags,
          },
        },
      ],
      default: true,
      description: "A W&B offline run; also streamed when WANDB_API_KEY is set.",
    },
    csv: {
      type: "boolean",
      default: false,
      description: "Scalars as `metrics.csv`, a column for each metric.",
    },
    mlflow: {
      anyOf: [
        { type: "boolean" },
        {
          type: "object",
          properties: {
            folder: { ...text, description: "Of the store. Left out: `mlruns`, as MLflow has it." },
            experiment: { ...text, description: "Left out: the run's name." },
          },
        },
      ],
      default: false,
      description: "A run in MLflow's file store, which `mlflow ui` shows.",
    },
    console: {
      anyOf: [
        { type: "boolean" },
        {
          type: "object",
          properties: {
            everySteps: { ...count, description: "Optimizer steps between two lines." },
            everySeconds: {
              type: "number",
              minimum: 0,
              description: "Where steps are not given. Left out: 10.",
            },
          },
        },
      ],
      default: false,
      description: "The newest metrics as plain lines, for logs that nobody watches.",
    },
  },
};

export const trackingSchema: JsonSchema = {
  type: "object",
  description: "What a run's folder keeps of the process and its machine.",
  default: {},
  properties: {
    consoleOutput: {
      type: "boolean",
      default: true,
      description: "Keep what the run prints, line by line, in `console.jsonl`.",
    },
    systemMetricsSeconds: {
      type: "number",
      minimum: 0,
      default: 5,
      description:
        "How often processors, memory, disk and GPUs are looked at, for `system.jsonl`; 0: never.",
    },
  },
};
