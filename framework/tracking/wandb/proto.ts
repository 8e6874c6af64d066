import { recordMessage } from "./messages.ts";

/** A value under a key, or under a path of keys; `valueJson` may hold the bare words NaN and Infinity. */
export interface WandbItem {
  key?: string;
  /** Where it is not empty it stands in the place of `key`. */
  nestedKey?: string[];
  valueJson: string;
}

export const fileType = { other: 0, wandb: 1, media: 2, artifact: 3 } as const;
export const outputType = { stderr: 0, stdout: 1 } as const;

/** A moment: whole seconds since 1970, and what is left of it. */
export interface WandbTimestamp {
  seconds: number;
  nanos: number;
}

/** What a record says; exactly one of these. */
export type WandbRecord =
  | { header: { versionInfo: { producer: string } } }
  | { run: WandbRunRecord }
  | { history: { item: WandbItem[]; step: { num: number } } }
  | { summary: WandbUpdate }
  | { config: WandbUpdate }
  | { files: { files: { path: string; type: number }[] } }
  | { stats: { timestamp: WandbTimestamp; item: WandbItem[] } }
  | { outputRaw: { outputType: number; timestamp: WandbTimestamp; line: string } }
  | { artifact: WandbArtifactRecord }
  | { exit: { exitCode: number; runtime: number } }
  | { final: object }
  | { footer: object }
  | { environment: WandbEnvironment };

/** Of the process that wrote; only newer versions of W&B's own program say it. */
export interface WandbEnvironment {
  os?: string;
  python?: string;
  args?: string[];
  program?: string;
  git?: { remoteUrl?: string; commit?: string } | null;
  host?: string;
  executable?: string;
  cpuCountLogical?: number;
  gpuType?: string;
}

export interface WandbUpdate {
  update: WandbItem[];
  remove?: WandbItem[];
}

export interface WandbRunRecord {
  runId: string;
  entity?: string;
  project: string;
  config: WandbUpdate;
  runGroup?: string;
  jobType?: string;
  displayName?: string;
  notes?: string;
  tags?: string[];
  sweepId?: string;
  host?: string;
  startingStep: number;
  startTime: WandbTimestamp;
  resumed: boolean;
  git?: { remoteUrl?: string; commit: string };
}

/** Something that the run made, for W&B's list of artifacts. */
export interface WandbArtifactRecord {
  runId: string;
  project: string;
  entity?: string;
  type: string;
  name: string;
  /** Of the manifest: MD5, hexadecimal. */
  digest: string;
  digestAlgorithm: "MANIFEST_MD5";
  /** JSON. */
  metadata: string;
  aliases: string[];
  manifest: {
    version: 1;
    storagePolicy: string;
    storagePolicyConfig: { key: string; valueJson: string }[];
    contents: WandbArtifactEntry[];
  };
  finalize: boolean;
  /** 128 random base-36 characters that name this version, and its collection. */
  clientId: string;
  sequenceClientId: string;
}

/** A file of an artifact, to upload from `localPath` or merely referred to. */
export interface WandbArtifactEntry {
  path: string;
  digest: string;
  size: number;
  ref?: string;
  localPath?: string;
}

/** @param num the record's number in its file, from 1 */
export function encodeRecord(num: number, record: WandbRecord): Uint8Array {
  return recordMessage.encode(recordMessage.fromObject({ num, ...record })).finish();
}

/**
 * A record as it was written, with protobuf's defaults: "" and null stand for what is absent.
 *
 * @returns undefined when it is of a kind that is not known here
 *
 * @throws {RangeError} when the bytes are no record
 */
export function decodeRecord(bytes: Uint8Array): WandbRecord | undefined {
  const { num: _, ...record } = recordMessage.toObject(decodeBytes(bytes), {
    longs: Number,
    arrays: true,
    defaults: true,
  });
  return isKnown(record) ? record : undefined;
}

function decodeBytes(bytes: Uint8Array): ReturnType<typeof recordMessage.decode> {
  try {
    return recordMessage.decode(bytes);
  } catch (cause) {
    throw new RangeError(`Cannot read W&B record: ${bytes.length} bytes are no record`, { cause });
  }
}

function isKnown(record: object): record is WandbRecord {
  return Object.keys(record).length === 1;
}

/** Where an item's value goes: one key, or several from the outside in. */
export function itemPath({ key = "", nestedKey = [] }: WandbItem): readonly string[] {
  return nestedKey.length > 0 ? nestedKey : [key];
}

/** Seconds since 1970 as W&B's messages have them. */
export function timestampOf(seconds: number): WandbTimestamp {
  const whole = Math.floor(seconds);
  return { seconds: whole, nanos: Math.floor((seconds - whole) * 1e9) };
}

/** Inverse of `timestampOf`, to float64's resolution of a moment: some 100 ns. */
export function secondsOf({ seconds, nanos }: WandbTimestamp): number {
  return seconds + nanos / 1e9;
}
