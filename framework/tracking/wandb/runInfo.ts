import { InputError } from "../../base/errors.ts";
import type { Parameters } from "../parameters.ts";
import { wellFormed } from "./json.ts";
import { timestampOf, type WandbRunRecord, type WandbUpdate } from "./proto.ts";

/** What W&B shall know of a run besides its numbers. */
export interface WandbRunInfo {
  runId: string;
  project: string;
  entity?: string;
  displayName?: string;
  group?: string;
  jobType?: string;
  notes?: string;
  /** Each of 1 to 64 characters. */
  tags?: readonly string[];
  /** Of a sweep that W&B knows: uploading fails for any other. */
  sweepId?: string;
  host?: string;
  git?: { commit: string; remoteUrl?: string };
  config: Parameters;
  /** Start of the run's first process, seconds since 1970: `_runtime` counts from there. */
  startTimeSeconds: number;
}

/** The time is the process's own: W&B uploads the folders of one run in its order. */
export function wandbRunRecord(
  info: WandbRunInfo,
  config: WandbUpdate,
  startingStep: number | undefined,
  nowSeconds: number,
): WandbRunRecord {
  const { runId, project, entity, displayName, group, jobType, notes, tags, sweepId, host, git } =
    info;
  return {
    runId,
    project: wellFormed(project),
    ...(entity && { entity: wellFormed(entity) }),
    ...(displayName && { displayName: wellFormed(displayName) }),
    ...(group && { runGroup: wellFormed(group) }),
    ...(jobType && { jobType: wellFormed(jobType) }),
    ...(notes && { notes: wellFormed(notes) }),
    ...(tags && { tags: tags.map(wellFormed) }),
    ...(sweepId && { sweepId }),
    ...(host && { host: wellFormed(host) }),
    ...(git && { git }),
    config,
    startingStep: startingStep ?? 0,
    resumed: startingStep !== undefined,
    startTime: timestampOf(nowSeconds),
  };
}

/** @throws {InputError} when W&B would refuse the run */
export function checkWandbRunInfo({ runId, tags = [] }: WandbRunInfo): void {
  if (!/^[^:;,#?/'\s][^:;,#?/']*$/.test(runId)) {
    throw new InputError(
      `Cannot open W&B run: expected an id without any of :;,#?/', got ${JSON.stringify(runId)}`,
    );
  }
  const bad = tags.find((tag) => tag.length < 1 || tag.length > 64);
  if (bad !== undefined) {
    throw new InputError(
      `Cannot open W&B run: expected tags of 1 to 64 characters, got ${JSON.stringify(bad)}`,
    );
  }
}
