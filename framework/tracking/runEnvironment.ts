import { execFileSync } from "node:child_process";
import { cpus, hostname, totalmem } from "node:os";

import { packageVersions } from "./packageVersions.ts";
import { processEnvironment, type ProcessEnvironment } from "./processEnvironment.ts";

/** Where a run's code came from. */
export interface GitState {
  commit: string;
  /** Files differ from the commit, or are unknown to it. */
  dirty: boolean;
}

/** What a run's numbers may depend on besides its spec. */
export interface RunEnvironment {
  /** Absent outside a repository. */
  git?: GitState;
  /** By package; "unknown" for what is not installed. */
  versions: Readonly<Record<string, string>>;
  host: {
    name: string;
    platform: string;
    cpu: string;
    cores: number;
    memoryBytes: number;
  };
  /** Absent in runs of earlier versions. */
  environment?: ProcessEnvironment;
}

/** @param folder whose repository's state is taken */
export function describeEnvironment(folder: string): RunEnvironment {
  const git = gitState(folder);
  return {
    ...(git && { git }),
    versions: packageVersions(),
    host: {
      name: hostname(),
      platform: `${process.platform} ${process.arch}`,
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: cpus().length,
      memoryBytes: totalmem(),
    },
    environment: processEnvironment(folder),
  };
}

/** Undefined when git is missing, or the folder is in no repository or one without commits. */
function gitState(folder: string): GitState | undefined {
  try {
    const lines = gitStatus(folder).trimEnd().split("\n");
    const commit = lines.map((line) => /^# branch\.oid ([0-9a-f]+)$/.exec(line)?.[1]).find(Boolean);
    return commit === undefined
      ? undefined
      : { commit, dirty: lines.some((line) => !line.startsWith("# ")) };
  } catch {
    return undefined;
  }
}

/** The commit in a line that begins with `#`, and a line for each file that differs from it. */
function gitStatus(folder: string): string {
  return execFileSync("git", ["-C", folder, "status", "--porcelain=v2", "--branch"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 10_000,
    maxBuffer: 2 ** 28,
  });
}
