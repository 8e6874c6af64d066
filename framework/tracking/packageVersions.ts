import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { isRecord } from "./parameters.ts";

const require = createRequire(import.meta.url);

/** Versions of what computes numbers, by package; "unknown" for what is not installed. */
export function packageVersions(): Record<string, string> {
  return {
    node: process.versions.node,
    seedbed: versionIn("../../package.json"),
    "@tensorflow/tfjs": versionIn("@tensorflow/tfjs/package.json"),
    "onnxruntime-node": versionIn("onnxruntime-node/package.json"),
  };
}

function versionIn(manifest: string): string {
  try {
    const value: unknown = JSON.parse(readFileSync(require.resolve(manifest), "utf8"));
    return isRecord(value) && typeof value["version"] === "string" ? value["version"] : "unknown";
  } catch {
    return "unknown";
  }
}
