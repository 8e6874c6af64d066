import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import path from "node:path";

import { Ajv } from "ajv";

import { syncFolder, writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import type { HostTensor } from "../base/hostTensor.ts";
import type { IntervalCounters } from "../base/interval.ts";
import type { JsonObject } from "../base/json.ts";
import { readSafetensors, writeSafetensors } from "../weights/safetensors.ts";
import type { LossScalingState } from "./lossScaling.ts";
import type { SlotState } from "./optimizerSlot.ts";
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
  /** Samples trained on since the start; absent in older checkpoints. */
  samples?: number;
  /** Time trained so far; only where time decides something. */
  elapsedSeconds?: number;
  /** Counters at the end of the last step that is done with; only where they decide something. */
  settledAt?: IntervalCounters;
}

/** What a checkpoint holds beside tensors. */
export interface CheckpointContent {
  formatVersion: 1;
  progress: Progress;
  /** A stop was asked for and waits for the minima. */
  shouldStop: boolean;
  seed: number;
  accumulateGradBatches: number;
  batchesPerEpoch: number;
  specHash: string | null;
  /** `learningRate` is that of the next step, of the first optimizer. */
  optimizer: { name: string; learningRate: number };
  /** Of each optimizer; absent in older checkpoints, whose schedules went on with every step. */
  lrSchedules?: SlotState[];
  metrics: { values: Record<string, number>; steps: Record<string, number> };
  /** Absent in older checkpoints. */
  precision?: string;
  /** Only where the loss has a scale. */
  lossScale?: LossScalingState;
  /** What was logged for the end of the epoch so far; absent in older checkpoints. */
  epochLog?: ReturnType<ValueLog["state"]>;
  /** What the data's DataModule keeps, if it does. */
  dataModule?: JsonObject;
  /** By state key. */
  callbacks: Record<string, JsonObject>;
  /** Whatever `onSaveCheckpoint` adds. */
  extra: JsonObject;
  /** There are only weights, those to publish: training cannot be resumed from it. */
  weightsOnly?: true;
}

/** The tensors of a checkpoint, one safetensors file each; those of callbacks under `<state key>/`. */
export const tensorFiles = ["parameters", "optimizer", "otherState", "callbacks"] as const;
export type CheckpointTensors = Record<
  (typeof tensorFiles)[number],
  ReadonlyMap<string, HostTensor>
>;

const weightFiles = ["parameters", "otherState"] as const;

/** The one file of a checkpoint that is not tensors. */
export const contentFile = "trainer.json";

interface StoredFile {
  sha256: string;
  sizeBytes: number;
}

type StoredContent = CheckpointContent & { files: Record<string, StoredFile> };

/**
 * Writes a checkpoint folder whole or not at all: into a hidden neighbour, made durable, renamed.
 * A folder of that name is replaced.
 */
export function writeCheckpoint(
  folder: string,
  content: CheckpointContent,
  tensors: Partial<CheckpointTensors>,
): void {
  const parent = path.dirname(folder);
  const temporary = path.join(parent, `.${path.basename(folder)}.${process.pid}.tmp`);
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  const files: Record<string, StoredFile> = {};
  for (const name of filesOf(content)) {
    const file = path.join(temporary, `${name}.safetensors`);
    writeSafetensors(file, tensors[name] ?? new Map());
    files[path.basename(file)] = describeFile(file);
  }
  const json = JSON.stringify({ ...content, files }, encodeNumber, 2);
  writeFileAtomic(path.join(temporary, contentFile), `${json}\n`);
  syncFolder(temporary);
  replaceFolder(temporary, folder);
  syncFolder(parent);
}

const filesOf = ({ weightsOnly }: CheckpointContent): readonly (keyof CheckpointTensors)[] =>
  weightsOnly ? weightFiles : tensorFiles;

function replaceFolder(temporary: string, folder: string): void {
  const old = `${temporary}.old.tmp`;
  rmSync(old, { recursive: true, force: true });
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(temporary, folder);
  rmSync(old, { recursive: true, force: true });
}

/**
 * Reads the part of a checkpoint that is not tensors, without looking at the tensor files.
 *
 * @throws {InputError} when the folder is not a checkpoint
 */
export function readCheckpointContent(folder: string): StoredContent {
  const file = path.join(folder, contentFile);
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"), decodeNumber);
  } catch (cause) {
    throw new InputError(`Cannot read checkpoint ${folder}: ${contentFile} is missing or corrupt`, {
      cause,
    });
  }
  if (isStoredContent(parsed)) return parsed;
  const [problem] = isStoredContent.errors ?? [];
  const where = problem?.instancePath || "/";
  throw new InputError(
    `Cannot read checkpoint ${folder}: ${contentFile} at ${where} ${problem?.message ?? "is not valid"}`,
  );
}

/**
 * Checks that every file of a checkpoint is the one that was written.
 *
 * @throws {InputError} naming the first that is not
 */
export function verifyCheckpoint(folder: string): StoredContent {
  const content = readCheckpointContent(folder);
  for (const name of filesOf(content)) {
    const file = `${name}.safetensors`;
    const expected = content.files[file];
    if (!expected) throw new InputError(`Cannot read checkpoint ${folder}: no hash of ${file}`);
    if (!existsSync(path.join(folder, file))) {
      throw new InputError(`Cannot read checkpoint ${folder}: ${file} is missing`);
    }
    const actual = describeFile(path.join(folder, file));
    if (actual.sha256 === expected.sha256) continue;
    throw new InputError(
      `Cannot read checkpoint ${folder}: ${file} is corrupt, expected ${expected.sizeBytes} bytes with SHA-256 ${expected.sha256}, got ${actual.sizeBytes} bytes with ${actual.sha256}`,
    );
  }
  return content;
}

/**
 * Reads a whole checkpoint after verifying it.
 *
 * @throws {InputError} when it is damaged, or has only weights
 */
export function readCheckpoint(folder: string): {
  content: CheckpointContent;
  tensors: CheckpointTensors;
} {
  const content = verifyCheckpoint(folder);
  if (content.weightsOnly) {
    throw new InputError(
      `Cannot resume from ${folder}: expected a whole checkpoint, got one of weights only`,
    );
  }
  return {
    content,
    tensors: {
      parameters: readTensors(folder, "parameters"),
      optimizer: readTensors(folder, "optimizer"),
      otherState: readTensors(folder, "otherState"),
      callbacks: readTensors(folder, "callbacks"),
    },
  };
}

/** One tensor file of a checkpoint. */
export function readTensors(
  folder: string,
  name: (typeof tensorFiles)[number],
): ReadonlyMap<string, HostTensor> {
  return readSafetensors(path.join(folder, `${name}.safetensors`));
}

function describeFile(file: string): StoredFile {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(1 << 22);
  const handle = openSync(file, "r");
  try {
    for (let length = 1; length > 0;) {
      length = readSync(handle, chunk);
      hash.update(chunk.subarray(0, length));
    }
  } finally {
    closeSync(handle);
  }
  return { sha256: hash.digest("hex"), sizeBytes: statSync(file).size };
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
    formatVersion: { const: 1 },
    progress: {
      type: "object",
      properties: {
        step: count,
        epoch: count,
        batchIndex: count,
        microBatch: count,
        settled: { type: "boolean" },
        validatedAt: { type: ["integer", "null"] },
        samples: count,
        settledAt: numbers,
        elapsedSeconds: { type: "number", minimum: 0 },
      },
      required: ["step", "epoch", "batchIndex", "microBatch", "settled", "validatedAt"],
    },
    shouldStop: { type: "boolean" },
    seed: count,
    accumulateGradBatches: count,
    batchesPerEpoch: count,
    specHash: { type: ["string", "null"] },
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
    "metrics",
    "callbacks",
    "extra",
    "files",
  ],
});
