import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, hostname, totalmem } from "node:os";

import { isRecord } from "./parameters.ts";

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
}

/** @param folder whose repository's state is taken */
export function describeEnvironment(folder: string): RunEnvironment {
  const git = gitState(folder);
  return {
    ...(git && { git }),
    versions: {
      node: process.versions.node,
      seedbed: packageVersion("../../package.json"),
      "@tensorflow/tfjs": packageVersion("@tensorflow/tfjs/package.json"),
      "onnxruntime-node": packageVersion("onnxruntime-node/package.json"),
    },
    host: {
      name: hostname(),
      platform: `${process.platform} ${process.arch}`,
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: cpus().length,
      memoryBytes: totalmem(),
    },
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

const require = createRequire(import.meta.url);

function packageVersion(manifest: string): string {
  try {
    const value: unknown = JSON.parse(readFileSync(require.resolve(manifest), "utf8"));
    return isRecord(value) && typeof value["version"] === "string" ? value["version"] : "unknown";
  } catch {
    return "unknown";
  }
}
