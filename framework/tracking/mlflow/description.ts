import { createHash } from "node:crypto";
import { userInfo } from "node:os";

import type { Run } from "../run.ts";
import { readRunNotes } from "../runNotes.ts";
import type { MlflowRunInfo } from "./store.ts";

/** What a spec may say of MLflow. */
export interface MlflowSettings {
  /** Of the store. */
  folder?: string;
  experiment?: string;
}

/** Where a run is in MLflow's store, and what is said of it there. */
export function mlflowPlace(
  { folder, manifest }: Run,
  { folder: root = "mlruns", experiment = manifest.name }: MlflowSettings,
): { root: string; info: MlflowRunInfo } {
  const { id, name, startedAt, command, git } = manifest;
  const { tags, notes } = readRunNotes(folder);
  const runId = createHash("sha256").update(`${name} ${id} ${startedAt}`).digest("hex");
  return {
    root,
    info: {
      runId: runId.slice(0, 32),
      runName: `${name}-${id}`,
      experiment,
      userName: userName(),
      startTimeMs: Date.parse(startedAt),
      tags: {
        "mlflow.runName": `${name}-${id}`,
        "mlflow.user": userName(),
        "mlflow.source.name": command.join(" "),
        "mlflow.source.type": "LOCAL",
        "seedbed.run": id,
        ...(git && { "mlflow.source.git.commit": git.commit }),
        ...(notes !== "" && { "mlflow.note.content": notes }),
        ...(tags.length > 0 && { "seedbed.tags": tags.join(", ") }),
      },
    },
  };
}

/** A process may have a user whom the system does not know. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}
