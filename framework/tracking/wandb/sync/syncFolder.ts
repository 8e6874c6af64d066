import { openAsBlob, rmSync, statSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../../../base/atomicFile.ts";
import { InputError } from "../../../base/errors.ts";
import type { RunAddress, WandbApi } from "./api.ts";
import { collectUpload, type WandbUpload } from "./collectUpload.ts";
import { appUrl } from "./credentials.ts";
import { lineBatches, longestLineBytes } from "./lineBatches.ts";
import { readOfflineFolder, type OfflineFolder } from "./offlineFolder.ts";
import { placeInRun } from "./placeInRun.ts";
import { announceRun, uploadPlaces, type UploadPlace } from "./runMutations.ts";
import { artifactKey, syncArtifact } from "./syncArtifact.ts";
import {
  progressPath,
  readSyncProgress,
  streamFiles,
  writeSyncProgress,
  type StreamKind,
  type SyncProgress,
} from "./syncProgress.ts";

export interface SyncFolderOptions {
  /** In the place of what the folder says. */
  project?: string;
  entity?: string;
  /** Whether the process that writes the folder lives: then it stays open, at W&B and here. */
  isRunning?: boolean;
  /** Forgets what was uploaded before. */
  again?: boolean;
  /** Told of what could not be uploaded. */
  warn?: (message: string) => void;
  /** Told how far it is. */
  onProgress?: (done: SyncCounts, total: SyncCounts) => void;
}

export interface SyncCounts {
  rows: number;
  files: number;
}

export interface SyncResult extends SyncCounts {
  /** Address of the run's page. */
  url: string;
}

/**
 * Uploads a folder in W&B's format. Each line has its place in the run, so that sending it again
 * changes nothing; what the server has confirmed is noted beside the log, and an upload that was cut
 * short goes on from there.
 */
export async function syncFolder(
  api: WandbApi,
  folder: string,
  options: SyncFolderOptions = {},
): Promise<SyncResult> {
  const offline = readOfflineFolder(folder);
  const upload = collectUpload(offline);
  const { project = offline.run.project, entity = offline.run.entity } = options;
  const run = { ...offline.run, project, ...(entity && { entity }) };
  const address = await announceRun(api, run, upload.config);
  const sync = await FolderSync.open(api, offline, upload, address, options);
  await sync.sendLines();
  await sync.sendFiles();
  await sync.sendArtifacts();
  await sync.finish();
  return { url: runUrl(api, address), rows: upload.history.length, files: sync.fileCount };
}

function runUrl({ baseUrl }: WandbApi, { entity, project, runId }: RunAddress): string {
  const names = [entity, project, "runs", runId].map(encodeURIComponent);
  return `${appUrl(baseUrl)}/${names.join("/")}`;
}

/** Files whose places are asked for at once. */
const filesAtOnce = 50;
const uploadsAtOnce = 4;

class FolderSync {
  readonly #api: WandbApi;
  readonly #offline: OfflineFolder;
  readonly #upload: WandbUpload;
  readonly #address: RunAddress;
  readonly #options: SyncFolderOptions;
  readonly #files: string[];
  #progress: SyncProgress;

  static async open(
    api: WandbApi,
    offline: OfflineFolder,
    upload: WandbUpload,
    address: RunAddress,
    options: SyncFolderOptions,
  ): Promise<FolderSync> {
    const { entity, project, runId } = address;
    const destination = [api.baseUrl, entity, project, runId].join("/");
    const known = options.again ? undefined : readSyncProgress(offline.file, destination);
    const progress = known ?? {
      destination,
      offsets: await placeInRun(api, offline, address),
      sent: { history: 0, events: 0, output: 0 },
      files: [],
    };
    return new FolderSync(api, offline, upload, address, options, progress);
  }

  private constructor(
    api: WandbApi,
    offline: OfflineFolder,
    upload: WandbUpload,
    address: RunAddress,
    options: SyncFolderOptions,
    progress: SyncProgress,
  ) {
    this.#api = api;
    this.#offline = offline;
    this.#upload = upload;
    this.#address = address;
    this.#options = options;
    this.#progress = progress;
    this.#files = [
      ...upload.files.filter((name) => this.#isThere(name)),
      ...upload.madeFiles.keys(),
    ];
    this.#note({});
  }

  get fileCount(): number {
    return this.#files.length + this.#upload.artifacts.length;
  }

  async sendLines(): Promise<void> {
    const { history, events, output } = this.#upload;
    const tooLong = history.filter(({ text }) => text.length > longestLineBytes);
    if (tooLong.length > 0) {
      this.#warn(
        `W&B takes no rows of 9.9 MB; ${tooLong.length} of ${history.length} are left out`,
      );
    }
    await this.#sendKind(
      "history",
      history.map(({ text }) => text),
    );
    await this.#sendKind("events", events);
    await this.#sendKind("output", output);
    await this.#stream({
      files: { "wandb-summary.json": { offset: 0, content: [this.#upload.summary] } },
    });
  }

  async sendFiles(): Promise<void> {
    const made = this.#upload.madeFiles;
    const left = this.#files.filter(
      (name) => made.has(name) || !this.#progress.files.includes(name),
    );
    for (let i = 0; i < left.length; i += filesAtOnce) {
      const names = left.slice(i, i + filesAtOnce);
      const places = await uploadPlaces(this.#api, this.#address, names);
      await this.#putAll(places);
      await this.#stream({ uploaded: names });
      this.#note({ files: [...new Set([...this.#progress.files, ...names])] });
    }
  }

  /** One that the server refuses, or whose files are gone, keeps nothing else back. */
  async sendArtifacts(): Promise<void> {
    for (const artifact of this.#upload.artifacts) {
      const key = artifactKey(artifact);
      if (this.#progress.files.includes(key)) continue;
      try {
        await syncArtifact(this.#api, this.#address, artifact);
        this.#note({ files: [...this.#progress.files, key] });
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        this.#warn(error.message);
      }
    }
  }

  /** Says how the run ended and marks the folder, unless it is still written. */
  async finish(): Promise<void> {
    const { exitCode = 1 } = this.#upload;
    if (this.#options.isRunning) return;
    await this.#stream({ complete: true, exitcode: exitCode });
    writeFileAtomic(`${this.#offline.file}.synced`, "");
    rmSync(progressPath(this.#offline.file), { force: true });
  }

  async #sendKind(kind: StreamKind, lines: readonly string[]): Promise<void> {
    const offset = this.#progress.offsets[kind];
    for (const batch of lineBatches(lines, this.#progress.sent[kind])) {
      const content = { offset: offset + batch.first, content: batch.lines };
      await this.#stream({ files: { [streamFiles[kind]]: content } });
      this.#note({ sent: { ...this.#progress.sent, [kind]: batch.end } });
    }
  }

  #stream(content: object): Promise<void> {
    return this.#api.fileStream(this.#address, content);
  }

  async #putAll(places: readonly UploadPlace[]): Promise<void> {
    const left = [...places];
    const work = async (): Promise<void> => {
      for (let place = left.shift(); place; place = left.shift()) {
        await this.#api.put(place.url, place.headers, await this.#contentOf(place.name));
      }
    };
    await Promise.all(Array.from({ length: uploadsAtOnce }, work));
  }

  async #contentOf(name: string): Promise<Blob> {
    const made = this.#upload.madeFiles.get(name);
    return made === undefined ? openAsBlob(this.#fileOf(name)) : new Blob([made]);
  }

  #fileOf(name: string): string {
    return path.join(this.#offline.folder, "files", name);
  }

  #isThere(name: string): boolean {
    if (this.#upload.madeFiles.has(name)) return false;
    if (statSync(this.#fileOf(name), { throwIfNoEntry: false })?.isFile()) return true;
    this.#warn(`${this.#fileOf(name)} is gone and is left out`);
    return false;
  }

  #warn(message: string): void {
    this.#options.warn?.(message);
  }

  #note(change: Partial<SyncProgress>): void {
    this.#progress = { ...this.#progress, ...change };
    writeSyncProgress(this.#offline.file, this.#progress);
    this.#options.onProgress?.(
      { rows: this.#progress.sent.history, files: this.#progress.files.length },
      { rows: this.#upload.history.length, files: this.fileCount },
    );
  }
}
