import { InputError } from "../../../base/errors.ts";
import { isRecord } from "../../parameters.ts";
import type { WandbRunRecord } from "../proto.ts";
import { inside, listIn, textsIn } from "./answers.ts";
import type { RunAddress, WandbApi } from "./api.ts";

const upsertRun = `
mutation UpsertBucket(
  $name: String, $project: String, $entity: String, $groupName: String, $displayName: String,
  $notes: String, $commit: String, $config: JSONString, $host: String, $repo: String,
  $jobType: String, $sweep: String, $tags: [String!]
) {
  upsertBucket(input: {
    name: $name, modelName: $project, entityName: $entity, groupName: $groupName,
    displayName: $displayName, notes: $notes, commit: $commit, config: $config, host: $host,
    jobRepo: $repo, jobType: $jobType, sweep: $sweep, tags: $tags
  }) {
    bucket { name historyLineCount project { name entity { name } } }
  }
}`;

const lineCounts = `
query LineCounts($project: String, $entity: String, $name: String!) {
  model(name: $project, entityName: $entity) {
    bucket(name: $name, missingOk: true) { historyLineCount eventsLineCount logLineCount }
  }
}`;

const createRunFiles = `
mutation CreateRunFiles($entity: String!, $project: String!, $run: String!, $files: [String!]!) {
  createRunFiles(input: { entityName: $entity, projectName: $project, runName: $run, files: $files }) {
    uploadHeaders
    files { name uploadUrl }
  }
}`;

/** Announces a run, or sets what W&B knows of it. @returns where the server has put it */
export async function announceRun(
  api: WandbApi,
  run: WandbRunRecord,
  config: string,
): Promise<RunAddress> {
  const data = await api.graphql(upsertRun, {
    name: run.runId,
    project: run.project || null,
    entity: run.entity || null,
    groupName: run.runGroup || null,
    displayName: run.displayName || null,
    notes: run.notes || null,
    commit: run.git?.commit || null,
    repo: run.git?.remoteUrl || null,
    host: run.host || null,
    jobType: run.jobType || null,
    sweep: run.sweepId || null,
    tags: run.tags ?? [],
    config,
  });
  const bucket = inside(data, "upsertBucket", "bucket");
  const project = inside(bucket, "project");
  const entity = inside(project, "entity")?.["name"];
  if (typeof entity !== "string" || typeof project?.["name"] !== "string") {
    throw new InputError(
      `Cannot upload to W&B: expected ${api.baseUrl} to name the run's entity and project, got ${JSON.stringify(data).slice(0, 200)}`,
    );
  }
  return { entity, project: project["name"], runId: run.runId };
}

/** Lines that the server has of a run: rows, states of the machine, printed lines. */
export async function askLineCounts(
  api: WandbApi,
  { entity, project, runId }: RunAddress,
): Promise<{ history: number; events: number; output: number }> {
  const data = await api.graphql(lineCounts, { entity, project, name: runId });
  const bucket = inside(data, "model", "bucket");
  const count = (key: string): number => Number(bucket?.[key] ?? 0);
  return {
    history: count("historyLineCount"),
    events: count("eventsLineCount"),
    output: count("logLineCount"),
  };
}

/** Where to put a file, and with which headers, each as `Name:Value`. */
export interface UploadPlace {
  name: string;
  url: string;
  headers: readonly string[];
}

export async function uploadPlaces(
  api: WandbApi,
  { entity, project, runId: run }: RunAddress,
  files: readonly string[],
): Promise<UploadPlace[]> {
  const data = await api.graphql(createRunFiles, { entity, project, run, files });
  const answer = inside(data, "createRunFiles");
  const headers = textsIn(answer?.["uploadHeaders"]);
  const places = listIn(answer?.["files"]).flatMap((file) =>
    isRecord(file) && typeof file["name"] === "string" && typeof file["uploadUrl"] === "string"
      ? [{ name: file["name"], url: file["uploadUrl"], headers }]
      : [],
  );
  const missing = files.find((name) => places.every((place) => place.name !== name));
  if (missing === undefined) return places;
  throw new InputError(`Cannot upload to W&B: ${api.baseUrl} gave no place for ${missing}`);
}
