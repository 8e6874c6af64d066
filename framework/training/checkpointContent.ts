/** @file What a checkpoint holds beside tensors, and how that is written as JSON. */
import { Ajv } from "ajv";

import { InputError } from "../base/errors.ts";
import type { IntervalCounters } from "../base/interval.ts";
import type { JsonObject } from "../base/json.ts";
import { formatVersion, migrateContent } from "./checkpointMigrations.ts";
import type { LossScalingState } from "./lossScaling.ts";
import type { SlotState } from "./optimizerSlot.ts";
import type { RollBacksState } from "./rollBacks.ts";
import type { ValueLog } from "./valueLog.ts";

/** Where training stands. */
export interface Progress {
  /** Optimizer steps finished. */
  step: number;
  /** Index of the epoch of the last (or next) batch. */
  epoch: number;
  /** Batches of that epoch already trained on. */
  batchIndex: number;
  /** Batches trained on since the start; keys the random numbers of the next one. */
  microBatch: number;
  /** False between an optimizer step and the end of its validation and epoch hooks. */
  settled: boolean;
  /** Step of the last validation; null before the first. */
  validatedAt: number | null;
  /** Optimizer steps of the last update, where that is not 1. */
  stepsTaken?: number;
  /** Samples trained on since the start. */
  samples: number;
  /** Time trained so far; only where time decides something. */
  elapsedSeconds?: number;
  /** Where the optimizers were made, whose updates count from there; absent: at the start. */
  optimizersMadeAt?: { step: number; microBatch: number };
  /** Counters at the end of the last step that is done with; only where they decide something. */
  settledAt?: IntervalCounters;
}

/** What a checkpoint holds beside tensors. */
export interface CheckpointContent {
  formatVersion: typeof formatVersion;
  progress: Progress;
  /** A stop was asked for and waits for the minima. */
  shouldStop: boolean;
  seed: number;
  accumulateGradBatches: number;
  /** What a callback has made of it; absent where none has, or a schedule decides. */
  accumulateGradBatchesNow?: number | undefined;
  batchesPerEpoch: number;
  /** That trained together; absent: one. */
  workers?: number;
  specHash: string | null;
  /** What the fit was asked to do, where a program says so. */
  spec?: Readonly<Record<string, unknown>>;
  /** Of the packages that computed it, by name; absent in older checkpoints. */
  versions?: Readonly<Record<string, string>>;
  /** `learningRate` is that of the next step, of the first optimizer. */
  optimizer: { name: string; learningRate: number };
  /** Of each optimizer. */
  lrSchedules: SlotState[];
  metrics: { values: Record<string, number>; steps: Record<string, number> };
  /** Absent in older checkpoints. */
  precision?: string;
  /** Only where the loss has a scale. */
  lossScale?: LossScalingState;
  /** Only where training goes back from steps that are not finite. */
  rollBacks?: RollBacksState;
  /** What was logged for the end of the epoch so far. */
  epochLog: ReturnType<ValueLog["state"]>;
  /** What the data's DataModule keeps, if it does. */
  dataModule?: JsonObject;
  /** By state key. */
  callbacks: Record<string, JsonObject>;
  /** Whatever `onSaveCheckpoint` adds. */
  extra: JsonObject;
  /** There are only weights, those to publish: training cannot be resumed from it. */
  weightsOnly?: true;
}

export interface StoredFile {
  sha256: string;
  sizeBytes: number;
}

export type StoredContent = CheckpointContent & { files: Record<string, StoredFile> };

/** The text of the content. */
export function writeContent(content: StoredContent): string {
  return `${JSON.stringify(content, encodeNumber, 2)}\n`;
}

/**
 * Reads what `writeContent` wrote, also what an older version of it did.
 *
 * @throws {InputError} saying where the text is wrong, without naming a file
 * @throws {SyntaxError} when it is no JSON
 */
export function readContent(text: string): StoredContent {
  const content = migrateContent(JSON.parse(text, decodeNumber));
  if (isStoredContent(content)) return content;
  const [problem] = isStoredContent.errors ?? [];
  throw new InputError(`at ${problem?.instancePath || "/"} ${problem?.message ?? "is not valid"}`);
}

/** JSON has no NaN, infinities or negative zero: they are written as `{ "$number": "NaN" }`. */
function encodeNumber(_key: string, value: unknown): unknown {
  if (typeof value !== "number") return value;
  if (Object.is(value, -0)) return { $number: "-0" };
  return Number.isFinite(value) ? value : { $number: String(value) };
}

function decodeNumber(_key: string, value: unknown): unknown {
  const tagged = typeof value === "object" && value !== null && "$number" in value;
  return tagged ? Number(value.$number) : value;
}

const count = { type: "integer", minimum: 0 };
const numbers = { type: "object", additionalProperties: { type: "number" } };
const ajv = new Ajv({ strictNumbers: false, allowUnionTypes: true });
const isStoredContent = ajv.compile<StoredContent>({
  type: "object",
  properties: {
    formatVersion: { const: formatVersion },
    progress: {
      type: "object",
      properties: {
        step: count,
        epoch: count,
        batchIndex: count,
        microBatch: count,
        settled: { type: "boolean" },
        validatedAt: { type: ["integer", "null"] },
        stepsTaken: count,
        optimizersMadeAt: {
          type: "object",
          properties: { step: count, microBatch: count },
          required: ["step", "microBatch"],
        },
        samples: count,
        settledAt: numbers,
        elapsedSeconds: { type: "number", minimum: 0 },
      },
      required: ["step", "epoch", "batchIndex", "microBatch", "settled", "validatedAt", "samples"],
    },
    shouldStop: { type: "boolean" },
    seed: count,
    accumulateGradBatches: count,
    accumulateGradBatchesNow: { type: "integer", minimum: 1 },
    batchesPerEpoch: count,
    workers: { type: "integer", minimum: 1 },
    specHash: { type: ["string", "null"] },
    spec: { type: "object" },
    versions: { type: "object", additionalProperties: { type: "string" } },
    optimizer: {
      type: "object",
      properties: { name: { type: "string" }, learningRate: { type: "number" } },
      required: ["name", "learningRate"],
    },
    lrSchedules: {
      type: "array",
      items: {
        type: "object",
        properties: { ticks: count, state: numbers, baseLearningRate: { type: "number" } },
        required: ["ticks", "state"],
      },
    },
    precision: { type: "string" },
    lossScale: {
      type: "object",
      properties: {
        scale: { type: "number", exclusiveMinimum: 0 },
        finiteSteps: count,
        skippedAt: { type: "array", items: count },
      },
      required: ["scale", "finiteSteps", "skippedAt"],
    },
    rollBacks: {
      type: "object",
      properties: {
        count,
        inARow: count,
        lastAt: count,
        lost: {
          type: "array",
          items: {
            type: "object",
            properties: { after: count, upTo: count },
            required: ["after", "upTo"],
          },
        },
        targets: { type: "array", items: { type: "string" } },
      },
      required: ["count", "inARow", "lastAt", "lost", "targets"],
    },
    metrics: {
      type: "object",
      properties: { values: numbers, steps: numbers },
      required: ["values", "steps"],
    },
    dataModule: { type: "object" },
    epochLog: {
      type: "object",
      properties: { values: { type: "object" }, entries: { type: "object" } },
      required: ["values", "entries"],
    },
    callbacks: { type: "object", additionalProperties: { type: "object" } },
    extra: { type: "object" },
    weightsOnly: { const: true },
    files: {
      type: "object",
      additionalProperties: {
        type: "object",
        properties: { sha256: { type: "string" }, sizeBytes: count },
        required: ["sha256", "sizeBytes"],
      },
    },
  },
  required: [
    "formatVersion",
    "progress",
    "shouldStop",
    "seed",
    "accumulateGradBatches",
    "batchesPerEpoch",
    "specHash",
    "optimizer",
    "lrSchedules",
    "metrics",
    "epochLog",
    "callbacks",
    "extra",
    "files",
  ],
});
