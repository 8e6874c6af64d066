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
  const git = (...words: string[]): string =>
    execFileSync("git", ["-C", folder, ...words], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 10_000,
      maxBuffer: 2 ** 28,
    }).trim();
  try {
    return { commit: git("rev-parse", "HEAD"), dirty: git("status", "--porcelain") !== "" };
  } catch {
    return undefined;
  }
}
