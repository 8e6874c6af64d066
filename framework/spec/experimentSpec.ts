import { Ajv } from "ajv";

import { everySchema, intervalSchema } from "../base/interval.ts";
import { closeSchema, type JsonSchema } from "./jsonSchema.ts";

/** The keys of `trainer`; the meanings are Lightning's. */
export interface TrainerSpec {
  readonly backend: "ort" | "webgpu" | "tensorflow" | "cpu";
  readonly threads?: number;
  readonly benchmark: boolean;
  readonly maxSteps?: number;
  readonly maxEpochs?: number;
  readonly minSteps?: number;
  readonly minEpochs?: number;
  readonly maxTime: string | null;
  readonly accumulateGradBatches: number;
  readonly gradientClipVal: number | null;
  readonly gradientClipAlgorithm: "norm" | "value";
  readonly valCheckInterval: number | string | null;
  readonly checkValEveryNEpoch: number | null;
  readonly limitTrainBatches: number | null;
  readonly limitValBatches: number | null;
  readonly limitTestBatches: number | null;
  readonly limitPredictBatches: number | null;
  readonly overfitBatches: number | null;
  readonly fastDevRun: boolean | number;
  readonly logEveryNSteps: number | string;
  readonly numSanityValSteps: number;
  readonly validateOnTrainEnd: boolean;
  readonly detectAnomaly: boolean;
  readonly profiler: "simple" | "advanced" | null;
  readonly precision: "32-true" | "16-mixed" | "bf16-mixed" | 32;
  readonly lossScale: {
    readonly initialScale: number;
    readonly growthFactor: number;
    readonly backoffFactor: number;
    readonly growthInterval: number;
  };
  readonly strategy: "auto" | "mpi";
  readonly devices: number | "auto";
  readonly deterministic: boolean;
}

/** A part chosen by name, with that part's own options beside the name. */
export interface NamedSpec {
  readonly name: string;
  readonly [option: string]: unknown;
}

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

/** A checked spec from `configs/`: the common keys, and the sections its experiment declares. */
export interface ExperimentSpec {
  readonly name: string;
  readonly description?: string;
  readonly experiment: string;
  readonly seed: number;
  readonly tags: readonly string[];
  readonly notes?: string;
  readonly trainer: TrainerSpec;
  readonly optimizer?: NamedSpec;
  readonly lrSchedule?: NamedSpec;
  /** One entry each, callback name to options. */
  readonly callbacks: readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[];
  readonly loggers: LoggersSpec;
  readonly tracking: TrackingSpec;
  readonly [section: string]: unknown;
}

/** Options schemas by the name that a spec uses. */
export type SchemaRegistry = Readonly<Record<string, JsonSchema>>;

/** What is known about the parts that a spec can name. */
export interface SpecParts {
  /** The experiment's own sections. */
  readonly sections: SchemaRegistry;
  readonly optimizers: SchemaRegistry;
  readonly lrSchedules: SchemaRegistry;
  /** One schema for each entry of the spec's `callbacks`, in its order. */
  readonly callbacks: readonly { readonly name: string; readonly schema: JsonSchema }[];
  /** The spec's `optimizer.name`. */
  readonly optimizer?: string;
  /** The spec's `lrSchedule.name`. */
  readonly lrSchedule?: string;
  /** Whether the spec says how long the run is, which is then a schedule's `totalSteps`. */
  readonly hasTotalSteps?: boolean;
}

const count = { type: "integer", minimum: 1 } as const;
const part = { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 } as const;
const none = { type: "null" } as const;
const limit = { anyOf: [{ type: "integer", minimum: 0 }, part, none], default: null } as const;

export const trainerSchema: JsonSchema = {
  type: "object",
  description: "How long to train and when to look. Meanings as in Lightning.",
  default: {},
  properties: {
    backend: {
      enum: ["ort", "webgpu", "tensorflow", "cpu"],
      default: "ort",
      description:
        "`ort` compiles each step for ONNX Runtime; `webgpu` too, to run on a GPU, where parameters stay between steps; `tensorflow` is @tensorflow/tfjs-node-gpu or tfjs-node, if installed; `cpu` is TF.js's plain JavaScript.",
    },
    threads: { ...count, description: "Threads of the backend. Left out: one per core." },
    benchmark: {
      type: "boolean",
      default: false,
      description:
        "Measure for each shape which form of a convolution and its gradients is the fastest, once for a machine: it is remembered in `.cache/seedbed/forms.json`. Without that file a later run may differ in the last digits, so it needs `deterministic: false`. `ort` alone.",
    },
    maxSteps: { ...count, description: "Stop after so many optimizer steps." },
    maxEpochs: {
      ...count,
      description:
        "Stop after so many passes over the training data; the first limit reached counts.",
    },
    minSteps: { ...count, description: "No early stop before so many optimizer steps." },
    minEpochs: { ...count, description: "No early stop before so many epochs." },
    maxTime: {
      anyOf: [intervalSchema(["seconds"]), none],
      default: null,
      description:
        "Stop after so much training, the time before a resume included: such as `30 min`, or `DD:HH:MM:SS`. The minima apply.",
    },
    accumulateGradBatches: {
      ...count,
      default: 1,
      description:
        "Batches per optimizer step; a shorter last window is averaged over its true count.",
    },
    gradientClipVal: {
      anyOf: [{ type: "number", exclusiveMinimum: 0 }, none],
      default: null,
      description: "Largest gradient norm (or value) before the update; null: no clipping.",
    },
    gradientClipAlgorithm: {
      enum: ["norm", "value"],
      default: "norm",
      description: "`norm` scales all gradients by one factor, `value` cuts each element.",
    },
    valCheckInterval: {
      anyOf: [count, part, intervalSchema(), none],
      default: null,
      description:
        "Validate every n optimizer steps, or so often within an epoch (0.25: four times), or at an interval across epochs such as `500 batches`, `30 min` or `5 %` of the training. null or 1.0: at each epoch's end.",
    },
    checkValEveryNEpoch: {
      anyOf: [count, none],
      default: 1,
      description: "Validate in every n-th epoch; null: `valCheckInterval` counts across epochs.",
    },
    limitTrainBatches: {
      ...limit,
      description: "Use only so many batches of an epoch, or this part of it; null or 1.0: all.",
    },
    limitValBatches: {
      ...limit,
      description: "As `limitTrainBatches`, for validation; 0 turns validation off.",
    },
    limitTestBatches: { ...limit, description: "As `limitTrainBatches`, for tests." },
    limitPredictBatches: { ...limit, description: "As `limitTrainBatches`, for predictions." },
    overfitBatches: {
      ...limit,
      description:
        "Train on the same few batches in every epoch, and validate on as many; null or 0: off.",
    },
    fastDevRun: {
      anyOf: [{ type: "boolean" }, { type: "integer", minimum: 0 }],
      default: false,
      description:
        "Try everything once: so many batches of each kind (true: one), without metrics, checkpoints and callbacks that monitor or save.",
    },
    logEveryNSteps: {
      ...everySchema(0),
      default: 50,
      description:
        "Log training metrics every n optimizer steps, or at an interval such as `2000 samples`, `30 s` or `1 %` of the training; 0: never.",
    },
    numSanityValSteps: {
      type: "integer",
      minimum: -1,
      default: 2,
      description: "Validation batches tried before training starts; 0: none, -1: all.",
    },
    validateOnTrainEnd: {
      type: "boolean",
      default: true,
      description: "Validate once more when training ends between two validations.",
    },
    detectAnomaly: {
      type: "boolean",
      default: false,
      description:
        "Do not compile training steps, look at what every kernel gives, and name the first that gives NaN or infinity. Slow.",
    },
    profiler: {
      enum: ["simple", "advanced", null],
      default: null,
      description: "Print at the end what took how long; `advanced`: with the longest call.",
    },
    precision: {
      enum: ["32-true", "16-mixed", "bf16-mixed", 32],
      default: "32-true",
      description:
        "`16-mixed` and `bf16-mixed`: matrix products and convolutions in float16 or bfloat16, all else in float32, as 32 and `32-true` have everything. Faster on WebGPU devices with float16; on the CPU it shows how training goes, and is slower.",
    },
    lossScale: {
      type: "object",
      description: "How the factor on the loss moves in `16-mixed`.",
      default: {},
      properties: {
        initialScale: {
          type: "number",
          minimum: 1e-4,
          default: 65536,
          description: "Where it starts.",
        },
        growthFactor: {
          type: "number",
          exclusiveMinimum: 1,
          default: 2,
          description: "Factor after `growthInterval` steps with finite gradients.",
        },
        backoffFactor: {
          ...part,
          default: 0.5,
          description: "Factor after a step whose gradients are not finite, which is left out.",
        },
        growthInterval: {
          ...count,
          default: 2000,
          description: "Steps in a row with finite gradients until it grows.",
        },
      },
    },
    strategy: {
      enum: ["auto", "mpi"],
      default: "auto",
      description:
        "`mpi`: several workers train together, each on its share of the data; they are started by `mpirun`, `srun` or `--workers`. `auto`: so if they are started like that, otherwise one process.",
    },
    devices: {
      anyOf: [count, { enum: ["auto"] }],
      default: "auto",
      description: "Workers that there must be; `auto`: as many as were started.",
    },
    deterministic: {
      type: "boolean",
      default: true,
      description:
        "The same spec and seed give the same bits on the same machine. false allows `benchmark`, and changes nothing else.",
    },
  },
};

/** Keys whose whole numbers count batches while fractions mean a part: `1.0` is all of it. */
export const partOrCountKeys: readonly (readonly string[])[] = [
  ["trainer", "valCheckInterval"],
  ["trainer", "limitTrainBatches"],
  ["trainer", "limitValBatches"],
  ["trainer", "limitTestBatches"],
  ["trainer", "limitPredictBatches"],
  ["trainer", "overfitBatches"],
];

const text = { type: "string" } as const;
const texts = { type: "array", items: text } as const;
const wandbTags = { type: "array", items: { ...text, minLength: 1, maxLength: 64 } } as const;

const loggersSchema: JsonSchema = {
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

const trackingSchema: JsonSchema = {
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

export const commonSchemas: Readonly<Record<string, JsonSchema>> = {
  name: {
    type: "string",
    pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$",
    description: "Runs go to `runs/<name>/`. Left out: the file's name.",
  },
  description: { type: "string", description: "What the run is for." },
  experiment: {
    type: "string",
    pattern: "^[A-Za-z][A-Za-z0-9_-]*$",
    description: "Folder below `experiments/` whose `experiment.ts` is run.",
  },
  seed: {
    type: "integer",
    minimum: 0,
    maximum: 2 ** 32 - 1,
    default: 0,
    description: "Decides every random number of the run.",
  },
  tags: {
    ...texts,
    default: [],
    description: "Words to find the run by, until `seedbed runs tag` changes them.",
  },
  notes: {
    ...text,
    description: "Words about the run, in Markdown, until `seedbed runs note` changes them.",
  },
  trainer: trainerSchema,
  loggers: loggersSchema,
  tracking: trackingSchema,
};

/** The schema of one spec: its common keys, the parts it names, its experiment's sections. */
export function experimentSpecSchema(parts: SpecParts): JsonSchema {
  const clash = Object.keys(parts.sections).find((name) => commonKeys.includes(name));
  if (clash !== undefined) {
    throw new TypeError(
      `Cannot declare section "${clash}": expected another name than a common key`,
    );
  }
  return {
    type: "object",
    required: ["name", "experiment"],
    properties: {
      ...commonSchemas,
      optimizer: namedSchema(parts.optimizers, parts.optimizer),
      lrSchedule: namedSchema(
        parts.lrSchedules,
        parts.lrSchedule,
        parts.hasTotalSteps && "totalSteps",
      ),
      callbacks: callbacksSchema(parts.callbacks),
      ...Object.fromEntries(Object.entries(parts.sections).map(withDefault)),
    },
  };
}

/** A section that the file leaves out is checked as an empty one. */
function withDefault([name, section]: [string, JsonSchema]): [string, JsonSchema] {
  return [name, section.type === "object" ? { default: {}, ...section } : section];
}

const commonKeys = [...Object.keys(commonSchemas), "optimizer", "lrSchedule", "callbacks"];

/** `{ name, ...options of the part with that name }`; `known` is an option that need not be given. */
function namedSchema(
  registry: SchemaRegistry,
  name: string | undefined,
  known: string | false = false,
): JsonSchema {
  const options = name === undefined ? undefined : registry[name];
  return {
    ...options,
    type: "object",
    properties: { name: { enum: Object.keys(registry).toSorted() }, ...options?.properties },
    required: ["name", ...(options?.required ?? []).filter((key) => key !== known)],
    additionalProperties: options === undefined, // an unknown name is the one thing to report
  };
}

function callbacksSchema(callbacks: SpecParts["callbacks"]): JsonSchema {
  if (callbacks.length === 0) return { type: "array", maxItems: 0 };
  return {
    type: "array",
    items: callbacks.map(({ name, schema }) => ({
      type: "object",
      properties: { [name]: { ...schema, type: "object", default: {} } },
      additionalProperties: false,
    })),
    minItems: callbacks.length,
    maxItems: callbacks.length,
  };
}

/**
 * A section as the type its schema describes.
 *
 * @param schema the one that the experiment declares for the section
 * @throws {TypeError} when the section does not fit, which a checked spec rules out
 */
export function readSection<T>(spec: ExperimentSpec, name: string, schema: JsonSchema): T {
  const section = structuredClone(spec[name]);
  const validate = new Ajv({ useDefaults: true, allowUnionTypes: true }).compile<T>(
    closeSchema(schema),
  );
  if (validate(section)) return section;
  throw new TypeError(`Cannot read section "${name}": expected what its schema asks for`);
}
