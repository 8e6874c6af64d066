import { createHash, randomBytes } from "node:crypto";
import path from "node:path";
import { pathToFileURL } from "node:url";

import type { RunArtifact } from "../runArtifact.ts";
import { looseJson, wellFormed } from "./json.ts";
import type { WandbArtifactEntry, WandbArtifactRecord } from "./proto.ts";

/**
 * A version of an artifact that refers to the files where they are: W&B gets names, sizes and
 * hashes, and no content.
 *
 * @param place absolute path of what the artifact's own path says
 */
export function artifactReference(
  artifact: RunArtifact,
  place: string,
  run: { runId: string; project: string; entity?: string },
): WandbArtifactRecord {
  const entry: WandbArtifactEntry = {
    path: wellFormed(path.basename(place)),
    digest: artifact.sha256 ?? "unknown",
    size: artifact.bytes ?? 0,
    ref: wellFormed(pathToFileURL(place).href),
  };
  const { runId, project, entity } = run;
  return {
    runId,
    project,
    ...(entity && { entity }),
    type: artifact.type,
    name: artifactName(artifact.name),
    digest: manifestDigest([entry]),
    digestAlgorithm: "MANIFEST_MD5",
    metadata: looseJson({ sha256: artifact.sha256, step: artifact.step }),
    aliases: ["latest", ...(artifact.step === null ? [] : [`step-${artifact.step}`])],
    manifest: {
      version: 1,
      storagePolicy: "wandb-storage-policy-v1",
      storagePolicyConfig: [{ key: "storageLayout", valueJson: '"V2"' }],
      contents: [entry],
    },
    finalize: true,
    clientId: clientId(),
    sequenceClientId: clientId(),
  };
}

/** W&B takes letters, digits, dots, dashes and underscores, at most 128. */
function artifactName(name: string): string {
  return name.replace(/[^\w.-]/g, "_").slice(0, 128) || "_";
}

/** W&B's hash of a manifest: MD5 over its version's name and a line for each entry, by path. */
export function manifestDigest(entries: readonly WandbArtifactEntry[]): string {
  const hash = createHash("md5").update("wandb-artifact-manifest-v1\n");
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path: name, digest } of sorted) hash.update(`${name}:${digest}\n`);
  return hash.digest("hex");
}

/** A random name of 128 base-36 characters, by which records refer to each other; it decides nothing. */
function clientId(): string {
  return Array.from(randomBytes(128), (byte) => (byte % 36).toString(36)).join("");
}
