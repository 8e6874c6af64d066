import protobuf from "protobufjs/light.js";

const keyed = {
  fields: {
    key: { type: "string", id: 1 },
    nestedKey: { rule: "repeated", type: "string", id: 2 },
    valueJson: { type: "string", id: 16 },
  },
};
const recordKinds = [
  "history",
  "summary",
  "config",
  "files",
  "run",
  "exit",
  "final",
  "header",
  "footer",
];

/**
 * The part of W&B's internal messages that this project writes. Field numbers are those of
 * wandb/proto/wandb_internal.proto.
 */
const root = protobuf.Root.fromJSON({
  nested: {
    Record: {
      oneofs: { recordType: { oneof: recordKinds } },
      fields: {
        num: { type: "int64", id: 1 },
        history: { type: "HistoryRecord", id: 2 },
        summary: { type: "SummaryRecord", id: 3 },
        config: { type: "ConfigRecord", id: 5 },
        files: { type: "FilesRecord", id: 6 },
        run: { type: "RunRecord", id: 17 },
        exit: { type: "RunExitRecord", id: 18 },
        final: { type: "Empty", id: 20 },
        header: { type: "HeaderRecord", id: 21 },
        footer: { type: "Empty", id: 22 },
      },
    },
    Empty: { fields: {} },
    Item: keyed,
    HeaderRecord: { fields: { versionInfo: { type: "VersionInfo", id: 1 } } },
    VersionInfo: { fields: { producer: { type: "string", id: 1 } } },
    RunRecord: {
      fields: {
        runId: { type: "string", id: 1 },
        entity: { type: "string", id: 2 },
        project: { type: "string", id: 3 },
        config: { type: "ConfigRecord", id: 4 },
        runGroup: { type: "string", id: 6 },
        jobType: { type: "string", id: 7 },
        displayName: { type: "string", id: 8 },
        notes: { type: "string", id: 9 },
        tags: { rule: "repeated", type: "string", id: 10 },
        sweepId: { type: "string", id: 12 },
        host: { type: "string", id: 13 },
        startingStep: { type: "int64", id: 14 },
        startTime: { type: "Timestamp", id: 17 },
        resumed: { type: "bool", id: 18 },
        git: { type: "GitRepoRecord", id: 21 },
      },
    },
    Timestamp: { fields: { seconds: { type: "int64", id: 1 }, nanos: { type: "int32", id: 2 } } },
    GitRepoRecord: {
      fields: { remoteUrl: { type: "string", id: 1 }, commit: { type: "string", id: 2 } },
    },
    HistoryRecord: {
      fields: {
        item: { rule: "repeated", type: "Item", id: 1 },
        step: { type: "HistoryStep", id: 2 },
      },
    },
    HistoryStep: { fields: { num: { type: "int64", id: 1 } } },
    SummaryRecord: { fields: { update: { rule: "repeated", type: "Item", id: 1 } } },
    ConfigRecord: { fields: { update: { rule: "repeated", type: "Item", id: 1 } } },
    FilesRecord: { fields: { files: { rule: "repeated", type: "FilesItem", id: 1 } } },
    FilesItem: {
      fields: {
        path: { type: "string", id: 1 },
        policy: { type: "int32", id: 2 },
        type: { type: "int32", id: 3 },
      },
    },
    RunExitRecord: {
      fields: { exitCode: { type: "int32", id: 1 }, runtime: { type: "int32", id: 2 } },
    },
  },
});

/** A value under a key, or under a path of keys; `valueJson` may hold the bare words NaN and Infinity. */
export type WandbItem = { valueJson: string } & ({ key: string } | { nestedKey: string[] });

export const fileType = { wandb: 1, media: 2 } as const;

/** What a record says; exactly one of these. */
export type WandbRecord =
  | { header: { versionInfo: { producer: string } } }
  | { run: WandbRunRecord }
  | { history: { item: WandbItem[]; step: { num: number } } }
  | { summary: { update: WandbItem[] } }
  | { config: { update: WandbItem[] } }
  | { files: { files: { path: string; type: number }[] } }
  | { exit: { exitCode: number; runtime: number } }
  | { final: object }
  | { footer: object };

export interface WandbRunRecord {
  runId: string;
  entity?: string;
  project: string;
  config: { update: WandbItem[] };
  runGroup?: string;
  jobType?: string;
  displayName?: string;
  notes?: string;
  tags?: string[];
  sweepId?: string;
  host?: string;
  startingStep: number;
  startTime: { seconds: number; nanos: number };
  resumed: boolean;
  git?: { remoteUrl?: string; commit: string };
}

const recordType = root.lookupType("Record");

/** @param num the record's number in its file, from 1 */
export function encodeRecord(num: number, record: WandbRecord): Uint8Array {
  return recordType.encode(recordType.fromObject({ num, ...record })).finish();
}

/** Step of a history record; undefined when the record is another kind. */
export function historyStep(record: Uint8Array): number | undefined {
  const value: unknown = recordType.toObject(recordType.decode(record), { longs: Number })[
    "history"
  ]?.step?.num;
  return typeof value === "number" ? value : undefined;
}
