import { InputError } from "../../base/errors.ts";
import { canRewrite, progressLine, type ProgressLine } from "../../base/progressLine.ts";
import { KeyRefusedError, WandbApi, type WandbApiOptions } from "../../tracking/wandb/sync/api.ts";
import { collectUpload } from "../../tracking/wandb/sync/collectUpload.ts";
import { wandbCredentials } from "../../tracking/wandb/sync/credentials.ts";
import {
  findOfflineFolders,
  isBeingWritten,
} from "../../tracking/wandb/sync/findOfflineFolders.ts";
import {
  isSynced,
  readOfflineFolder,
  wandbLogIn,
  type OfflineFolder,
} from "../../tracking/wandb/sync/offlineFolder.ts";
import { TransientError } from "../../tracking/wandb/sync/retry.ts";
import { syncFolder } from "../../tracking/wandb/sync/syncFolder.ts";
import { QuietExit } from "../quietExit.ts";
import type { Terminal } from "../terminal.ts";

export interface SyncWandbOptions {
  /** Folders or ids of runs, or folders in W&B's format. */
  references: readonly string[];
  runsFolder: string;
  terminal: Terminal;
  dryRun?: boolean;
  includeSynced?: boolean;
  project?: string | undefined;
  entity?: string | undefined;
  environment?: NodeJS.ProcessEnv;
  /** Patience with the server. */
  patience?: Pick<WandbApiOptions, "timeoutSeconds" | "delaysSeconds">;
}

/**
 * Uploads runs to W&B, one after the other. What cannot be uploaded is said and does not keep the
 * others back, but for a server that is not there or takes no such key.
 *
 * @throws {QuietExit} when not all could be uploaded: with 2 when the user can mend it, else 1
 */
export async function syncWandb(options: SyncWandbOptions): Promise<void> {
  const { references, runsFolder, terminal, dryRun = false } = options;
  const failures: unknown[] = [];
  const folders = references.flatMap((reference) =>
    attempt(() => findOfflineFolders(runsFolder, reference), failures, terminal),
  );
  const due = [...new Set(folders)].filter((folder) => {
    if (options.includeSynced || !isSynced(wandbLogIn(folder) ?? "")) return true;
    terminal.print(`${folder} is at W&B already; --include-synced uploads it again`);
    return false;
  });
  if (dryRun) {
    for (const line of due.flatMap((folder) =>
      attempt(() => [describe(readOfflineFolder(folder), options)], failures, terminal),
    )) {
      terminal.print(`Would upload ${line}`);
    }
  } else await uploadAll(due, options, failures);
  if (failures.length > 0) {
    throw new QuietExit(failures.every((error) => error instanceof InputError) ? 2 : 1);
  }
}

/** The action's result; none after an error of the user's, which is said and kept. */
function attempt<T>(action: () => T[], failures: unknown[], { warn }: Terminal): T[] {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    failures.push(error);
    warn(error.message);
    return [];
  }
}

function describe(
  offline: OfflineFolder,
  { project = offline.run.project }: SyncWandbOptions,
): string {
  const { history, files } = collectUpload(offline);
  const running = isBeingWritten(offline.folder) ? "; the run goes on" : "";
  return `${offline.folder}: ${history.length} rows, ${files.length} files, to ${project}/${offline.run.runId}${running}`;
}

async function uploadAll(
  due: readonly string[],
  options: SyncWandbOptions,
  failures: unknown[],
): Promise<void> {
  if (due.length === 0) return;
  const { terminal, environment = process.env, patience } = options;
  const api = new WandbApi({
    ...wandbCredentials(environment),
    ...patience,
    onRetry: (reason, seconds) => terminal.warn(`W&B: ${reason}; trying again in ${seconds} s`),
  });
  for (const folder of due) {
    try {
      await uploadOne(api, folder, options);
    } catch (error) {
      if (!(error instanceof InputError) && !(error instanceof TransientError)) throw error;
      failures.push(error);
      terminal.warn(explain(error, folder));
      if (error instanceof TransientError || error instanceof KeyRefusedError) return;
    }
  }
}

function explain(error: Error, folder: string): string {
  if (error instanceof InputError) return `${error.message}\nNot uploaded: ${folder}`;
  return `Cannot upload ${folder} to W&B: ${error.message}; what has arrived is noted, go on with: seedbed wandb sync ${folder}`;
}

async function uploadOne(
  api: WandbApi,
  folder: string,
  { terminal, project, entity, includeSynced = false }: SyncWandbOptions,
): Promise<void> {
  const line = openProgress(terminal);
  const isRunning = isBeingWritten(folder);
  try {
    const { rows, files, url } = await syncFolder(api, folder, {
      ...(project !== undefined && { project }),
      ...(entity !== undefined && { entity }),
      isRunning,
      again: includeSynced,
      warn: terminal.warn,
      onProgress(done, total) {
        if (!line?.isDue()) return;
        line.show(
          `Uploading ${folder}: ${done.rows} of ${total.rows} rows, ${done.files} of ${total.files} files`,
        );
      },
    });
    line?.close();
    const soFar = isRunning ? "; the run goes on, upload it again when it has ended" : "";
    terminal.print(`Uploaded ${folder}: ${rows} rows, ${files} files, ${url}${soFar}`);
  } finally {
    line?.close();
  }
}

function openProgress({ progress }: Terminal): ProgressLine | undefined {
  if (!progress) return undefined;
  const rewrites = canRewrite(progress, process.env);
  return progressLine({
    output: progress,
    rewrites,
    pauseSeconds: rewrites ? 0.2 : 10,
    nowMs: () => performance.now(),
  });
}
