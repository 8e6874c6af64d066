import { createHash } from "node:crypto";
import { openAsBlob, statSync } from "node:fs";

import { InputError } from "../../../base/errors.ts";
import { parseLooseJson } from "../json.ts";
import type { WandbArtifactEntry, WandbArtifactRecord } from "../proto.ts";
import { inside, listIn, textsIn } from "./answers.ts";
import type { RunAddress, WandbApi } from "./api.ts";

const createArtifact = `
mutation CreateArtifact($input: CreateArtifactInput!) {
  createArtifact(input: $input) { artifact { id state } }
}`;

const createArtifactManifest = `
mutation CreateArtifactManifest(
  $artifactID: ID!, $name: String!, $digest: String!, $entityName: String!, $projectName: String!,
  $runName: String!, $includeUpload: Boolean!
) {
  createArtifactManifest(input: {
    artifactID: $artifactID, name: $name, digest: $digest, entityName: $entityName,
    projectName: $projectName, runName: $runName, type: FULL
  }) {
    artifactManifest {
      id
      file { uploadUrl @include(if: $includeUpload) uploadHeaders @include(if: $includeUpload) }
    }
  }
}`;

const createArtifactFiles = `
mutation CreateArtifactFiles($input: CreateArtifactFilesInput!) {
  createArtifactFiles(input: $input) { files { edges { node { uploadUrl uploadHeaders } } } }
}`;

const commitArtifact = `
mutation CommitArtifact($artifactID: ID!) {
  commitArtifact(input: { artifactID: $artifactID }) { artifact { id } }
}`;

/** Names an artifact in the notes of what was uploaded. */
export function artifactKey({ name, digest }: WandbArtifactRecord): string {
  return `artifact ${name} ${digest}`;
}

/**
 * Uploads an artifact: its manifest, and the content of those files that it does not merely refer to.
 * One of the same content that is there already stays as it is.
 *
 * @throws {InputError} when a file of it is gone, or the server refuses
 */
export async function syncArtifact(
  api: WandbApi,
  address: RunAddress,
  artifact: WandbArtifactRecord,
): Promise<void> {
  const files = artifact.manifest.contents.filter(({ ref }) => !ref);
  for (const file of files) checkIsThere(file, artifact);
  const { id, state } = await create(api, address, artifact);
  if (state === "COMMITTED" || state === "DELETED") return;
  const manifest = manifestText(artifact);
  if (files.length > 0) await sendFiles(api, id, await announce(api, address, id, ""), files);
  const digest = createHash("md5").update(manifest).digest("base64");
  const place = await announce(api, address, id, digest);
  if (place.url === undefined) throw unexpected(api, "a place for a manifest");
  await api.put(place.url, place.headers, new Blob([manifest]));
  await api.graphql(commitArtifact, { artifactID: id });
}

function checkIsThere(
  { localPath = "", path }: WandbArtifactEntry,
  { name }: WandbArtifactRecord,
): void {
  if (statSync(localPath, { throwIfNoEntry: false })?.isFile()) return;
  throw new InputError(`Cannot upload artifact ${name}: ${path} is gone, it was at ${localPath}`);
}

async function create(
  api: WandbApi,
  { entity, project, runId }: RunAddress,
  artifact: WandbArtifactRecord,
): Promise<{ id: string; state: unknown }> {
  const { name, type, digest, clientId, sequenceClientId, metadata, aliases } = artifact;
  const data = await api.graphql(createArtifact, {
    input: {
      entityName: entity,
      projectName: project,
      runName: runId,
      artifactTypeName: type,
      artifactCollectionName: name,
      aliases: aliases.map((alias) => ({ artifactCollectionName: name, alias })),
      digest,
      digestAlgorithm: "MANIFEST_MD5",
      enableDigestDeduplication: true,
      clientID: clientId,
      sequenceClientID: sequenceClientId,
      metadata: metadata || null,
    },
  });
  const made = inside(data, "createArtifact", "artifact");
  if (typeof made?.["id"] !== "string") throw unexpected(api, "an artifact's id");
  return { id: made["id"], state: made["state"] };
}

interface ManifestPlace {
  manifestId: unknown;
  url: string | undefined;
  headers: readonly string[];
}

/** @param digest of the manifest, MD5 in base 64; "" while only its id is needed */
async function announce(
  api: WandbApi,
  { entity: entityName, project: projectName, runId: runName }: RunAddress,
  artifactID: string,
  digest: string,
): Promise<ManifestPlace> {
  const name = "wandb_manifest.json";
  const includeUpload = digest !== "";
  const names = { artifactID, name, digest, entityName, projectName, runName, includeUpload };
  const data = await api.graphql(createArtifactManifest, names);
  const made = inside(data, "createArtifactManifest", "artifactManifest");
  const file = inside(made, "file");
  const url = file?.["uploadUrl"];
  return {
    manifestId: made?.["id"],
    url: typeof url === "string" ? url : undefined,
    headers: textsIn(file?.["uploadHeaders"]),
  };
}

async function sendFiles(
  api: WandbApi,
  artifactID: string,
  { manifestId: artifactManifestID }: ManifestPlace,
  files: readonly WandbArtifactEntry[],
): Promise<void> {
  const artifactFiles = files.map(({ path: name, digest: md5 }) => {
    return { artifactID, artifactManifestID, name, md5 };
  });
  const input = { artifactFiles, storageLayout: "V2" };
  const data = await api.graphql(createArtifactFiles, { input });
  const edges = listIn(inside(data, "createArtifactFiles", "files")?.["edges"]);
  if (edges.length !== files.length) throw unexpected(api, `${files.length} places for files`);
  for (const [i, { localPath = "" }] of files.entries()) {
    const node = inside(edges[i], "node");
    const url = node?.["uploadUrl"]; // null where the server has the content already
    if (typeof url !== "string") continue;
    await api.put(url, textsIn(node?.["uploadHeaders"]), await openAsBlob(localPath));
  }
}

function manifestText({ manifest }: WandbArtifactRecord): string {
  const { version, storagePolicy, storagePolicyConfig, contents } = manifest;
  const config = storagePolicyConfig.map(({ key, valueJson }) => [key, parseLooseJson(valueJson)]);
  const entries = contents.map(({ path, digest, size, ref }) => {
    return [path, ref ? { digest, ref, size } : { digest, size }];
  });
  return JSON.stringify({
    version,
    storagePolicy,
    storagePolicyConfig: Object.fromEntries(config),
    contents: Object.fromEntries(entries),
  });
}

function unexpected({ baseUrl }: WandbApi, what: string): InputError {
  return new InputError(`Cannot upload to W&B: expected ${baseUrl} to give ${what}, got none`);
}
