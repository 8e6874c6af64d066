import protobuf from "protobufjs/light.js";

const text = (id: number) => ({ type: "string", id });
const int = (id: number) => ({ type: "int32", id });
const long = (id: number) => ({ type: "int64", id });
const bool = (id: number) => ({ type: "bool", id });
const of = (type: string, id: number) => ({ type, id });
const many = (type: string, id: number) => ({ rule: "repeated", type, id });

/** Kinds of records that are read or written here, by W&B's name, and their field of a `Record`. */
const recordFields = {
  history: of("HistoryRecord", 2),
  summary: of("UpdateRecord", 3),
  config: of("UpdateRecord", 5),
  files: of("FilesRecord", 6),
  stats: of("StatsRecord", 7),
  artifact: of("ArtifactRecord", 8),
  outputRaw: of("OutputRawRecord", 13),
  run: of("RunRecord", 17),
  exit: of("RunExitRecord", 18),
  final: of("Empty", 20),
  header: of("HeaderRecord", 21),
  footer: of("Empty", 22),
  environment: of("EnvironmentRecord", 26),
};

/**
 * The part of W&B's internal messages that this project reads and writes. Field numbers are those
 * of wandb/proto/wandb_internal.proto. Summary and config records have one form.
 */
const root = protobuf.Root.fromJSON({
  nested: {
    Record: {
      oneofs: { recordType: { oneof: Object.keys(recordFields) } },
      fields: { num: long(1), ...recordFields },
    },
    Empty: { fields: {} },
    Item: { fields: { key: text(1), nestedKey: many("string", 2), valueJson: text(16) } },
    HeaderRecord: { fields: { versionInfo: of("VersionInfo", 1) } },
    VersionInfo: { fields: { producer: text(1) } },
    RunRecord: {
      fields: {
        runId: text(1),
        entity: text(2),
        project: text(3),
        config: of("UpdateRecord", 4),
        runGroup: text(6),
        jobType: text(7),
        displayName: text(8),
        notes: text(9),
        tags: many("string", 10),
        sweepId: text(12),
        host: text(13),
        startingStep: long(14),
        startTime: of("Timestamp", 17),
        resumed: bool(18),
        git: of("GitRepoRecord", 21),
      },
    },
    Timestamp: { fields: { seconds: long(1), nanos: int(2) } },
    GitRepoRecord: { fields: { remoteUrl: text(1), commit: text(2) } },
    HistoryRecord: { fields: { item: many("Item", 1), step: of("HistoryStep", 2) } },
    HistoryStep: { fields: { num: long(1) } },
    UpdateRecord: { fields: { update: many("Item", 1), remove: many("Item", 2) } },
    FilesRecord: { fields: { files: many("FilesItem", 1) } },
    FilesItem: { fields: { path: text(1), policy: int(2), type: int(3) } },
    StatsRecord: { fields: { timestamp: of("Timestamp", 2), item: many("Item", 3) } },
    OutputRawRecord: {
      fields: { outputType: int(1), timestamp: of("Timestamp", 2), line: text(3) },
    },
    ArtifactRecord: {
      fields: {
        runId: text(1),
        project: text(2),
        entity: text(3),
        type: text(4),
        name: text(5),
        digest: text(6),
        metadata: text(8),
        aliases: many("string", 11),
        manifest: of("ArtifactManifest", 12),
        finalize: bool(14),
        clientId: text(15),
        sequenceClientId: text(16),
        digestAlgorithm: text(20),
      },
    },
    ArtifactManifest: {
      fields: {
        version: int(1),
        storagePolicy: text(2),
        storagePolicyConfig: many("StoragePolicyConfigItem", 3),
        contents: many("ArtifactManifestEntry", 4),
      },
    },
    StoragePolicyConfigItem: { fields: { key: text(1), valueJson: text(2) } },
    ArtifactManifestEntry: {
      fields: { path: text(1), digest: text(2), ref: text(3), size: long(4), localPath: text(6) },
    },
    EnvironmentRecord: {
      fields: {
        os: text(1),
        python: text(2),
        args: many("string", 5),
        program: text(6),
        git: of("GitRepoRecord", 9),
        host: text(12),
        executable: text(13),
        cpuCountLogical: int(17),
        gpuType: text(18),
      },
    },
    RunExitRecord: { fields: { exitCode: int(1), runtime: int(2) } },
  },
});

/** W&B's message of one record in a transaction log. */
export const recordMessage: protobuf.Type = root.lookupType("Record");
