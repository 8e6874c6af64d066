import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import { hashFiles } from "../base/hashFiles.ts";
import type { HostTensor } from "../base/hostTensor.ts";
import { StagedFolder } from "../base/stagedFolder.ts";
import { openSafetensors, readSafetensors } from "../weights/safetensors.ts";
import { openShardedSafetensors, writeShardedSafetensors } from "../weights/shardedSafetensors.ts";
import {
  readContent,
  writeContent,
  type CheckpointContent,
  type StoredContent,
  type StoredFile,
} from "./checkpointContent.ts";

/** The tensors of a checkpoint, one safetensors file each; those of callbacks under `<state key>/`. */
export const tensorFiles = ["parameters", "optimizer", "otherState", "callbacks"] as const;
type TensorFile = (typeof tensorFiles)[number];
export type CheckpointTensors = Record<TensorFile, ReadonlyMap<string, HostTensor>>;

const weightFiles = ["parameters", "otherState"] as const;

/** The one file of a checkpoint that is not tensors. */
export const contentFile = "trainer.json";

/**
 * Writes a checkpoint folder whole or not at all. A folder of that name is replaced.
 *
 * @param maxShardBytes tensors that are more than this are divided among several files
 *   (`writeShardedSafetensors`); Infinity: never
 */
export function writeCheckpoint(
  folder: string,
  content: CheckpointContent,
  tensors: Partial<CheckpointTensors>,
  maxShardBytes: number = Infinity,
): void {
  const staged = new StagedFolder(folder);
  const files: Record<string, StoredFile> = {};
  for (const name of filesOf(content)) {
    const given = tensors[name] ?? new Map<string, HostTensor>();
    for (const file of writeShardedSafetensors(staged.path, name, given, { maxShardBytes })) {
      files[file] = describeFile(path.join(staged.path, file));
    }
  }
  writeFileAtomic(path.join(staged.path, contentFile), writeContent({ ...content, files }));
  staged.commit();
}

const filesOf = ({ weightsOnly }: CheckpointContent): readonly (keyof CheckpointTensors)[] =>
  weightsOnly ? weightFiles : tensorFiles;

/**
 * Reads the part of a checkpoint that is not tensors, without looking at the tensor files.
 *
 * @throws {InputError} when the folder is not a checkpoint
 */
export function readCheckpointContent(folder: string): StoredContent {
  const refuse = (problem: string, cause?: unknown): InputError =>
    new InputError(`Cannot read checkpoint ${folder}: ${contentFile} ${problem}`, { cause });
  try {
    return readContent(readFileSync(path.join(folder, contentFile), "utf8"));
  } catch (cause) {
    if (cause instanceof InputError) throw refuse(cause.message);
    throw refuse("is missing or corrupt", cause);
  }
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
    if (content.files[file] || content.files[indexOf(name)]) continue;
    throw new InputError(`Cannot read checkpoint ${folder}: no hash of ${file}`);
  }
  for (const [file, expected] of Object.entries(content.files)) {
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
 * Reads a whole checkpoint after verifying it. Values of the optimizer's state are read when they are
 * asked for.
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
      optimizer: openCheckpointTensors(folder, "optimizer"),
      otherState: readTensors(folder, "otherState"),
      callbacks: readTensors(folder, "callbacks"),
    },
  };
}

/**
 * One tensor file of a checkpoint. Of one that was divided into several, values are read when, and each
 * time, they are asked for.
 */
export function readTensors(folder: string, name: TensorFile): ReadonlyMap<string, HostTensor> {
  return tensorsOf(folder, name, readSafetensors);
}

/** The same, of which all values are read only then. */
export function openCheckpointTensors(
  folder: string,
  name: TensorFile,
): ReadonlyMap<string, HostTensor> {
  return tensorsOf(folder, name, openSafetensors);
}

function tensorsOf(
  folder: string,
  name: TensorFile,
  single: (file: string) => ReadonlyMap<string, HostTensor>,
): ReadonlyMap<string, HostTensor> {
  const index = path.join(folder, indexOf(name));
  if (existsSync(index)) return openShardedSafetensors(index);
  return single(path.join(folder, `${name}.safetensors`));
}

const indexOf = (name: TensorFile): string => `${name}.safetensors.index.json`;

function describeFile(file: string): StoredFile {
  return { sha256: hashFiles([file]), sizeBytes: statSync(file).size };
}
