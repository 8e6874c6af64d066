import { byteCountPattern } from "../base/byteCount.ts";
import { everySchema, intervalSchema } from "../base/interval.ts";
import type { JsonSchema } from "./jsonSchema.ts";

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
  readonly onNonFinite: "stop" | "skip" | "rollBack";
  readonly maxRollBacks: number;
  readonly profiler: "simple" | "advanced" | null;
  readonly precision: "32-true" | "16-mixed" | "bf16-mixed" | 32;
  readonly lossScale: {
    readonly initialScale: number;
    readonly growthFactor: number;
    readonly backoffFactor: number;
    readonly growthInterval: number;
  };
  readonly checkpoints: {
    readonly async: boolean | "auto";
    readonly maxShardSize: string | null;
  };
  readonly strategy:
    | "auto"
    | "mpi"
    | { readonly name?: "auto" | "mpi"; readonly shardOptimizer?: boolean };
  readonly devices: number | "auto";
  readonly deterministic: boolean;
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
    onNonFinite: {
      enum: ["stop", "skip", "rollBack"],
      default: "stop",
      description:
        "What becomes of a step whose loss or gradients are NaN or infinite. `stop`: training ends with an error, before anything of it is saved. `skip`: it counts, but changes no weight, and a line says so; after 100 in a row training ends all the same. `train/skippedSteps` is logged. `rollBack`: it counts, but weights, moments, other state and callbacks go back to the last good checkpoint that a callback asked for, or to the one that is saved when training begins, and training goes on with the batches that follow; a line says so, and `train/rollBacks` is logged. With several workers, gradients decide about `skip`. `16-mixed` always skips steps whose gradients are not finite, and goes back only where the loss is not.",
    },
    maxRollBacks: {
      type: "integer",
      minimum: 1,
      default: 3,
      description:
        "With `rollBack`: how often in a row, without a good checkpoint of later steps in between, before training ends with an error.",
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
    checkpoints: {
      type: "object",
      description: "How checkpoints are written.",
      default: {},
      properties: {
        async: {
          enum: [true, false, "auto"],
          default: "auto",
          description:
            "true: values are copied, and a thread writes them while training goes on; it takes as much memory as they do. `auto`: where they are 64 MB or more and less than half of the free memory.",
        },
        maxShardSize: {
          type: ["string", "null"],
          pattern: byteCountPattern,
          default: null,
          description:
            "Parameters, or moments, that are more than this, such as `5 GB`, are divided among several files and an index, as Hugging Face's libraries do; null: never.",
        },
      },
    },
    strategy: {
      anyOf: [
        { enum: ["auto", "mpi"] },
        {
          type: "object",
          properties: {
            name: { enum: ["auto", "mpi"], description: "One of the two; without it `auto`." },
            shardOptimizer: {
              type: "boolean",
              description:
                "ZeRO-1: each of several workers keeps the optimizer's state of a share of the parameters alone and updates these; then they exchange them. The same numbers, less memory and work for each. One process is not changed by it.",
            },
          },
        },
      ],
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
