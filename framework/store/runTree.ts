import { readdirSync, type Dirent } from "node:fs";
import path from "node:path";

import { statOf } from "./fileStamp.ts";
import type { RunSource } from "./indexedRun.ts";
import type { Pause } from "./pause.ts";

export interface FoundRun {
  readonly folder: string;
  readonly source: RunSource;
}

/** A folder that holds runs, or may come to. */
interface Node {
  modifiedMs: number;
  /** Nothing can happen any more that leaves the time of change as it is. */
  isSettled: boolean;
  folders: readonly string[];
}

export interface RunTreeOptions {
  /** Folders that are runs unless somebody says otherwise: they are not looked into. */
  readonly known: ReadonlyMap<string, RunSource>;
  readonly nowMs: () => number;
}

/** Levels below the root at which a run may lie. */
const maxDepth = 4;
/** File systems tell times of change to some milliseconds, network ones to a second or two. */
const settledMs = 3000;

/**
 * Finds the runs below a folder, and later those that came: only folders that have changed are
 * listed again. Folders with a leading dot are passed over.
 */
export class RunTree {
  readonly root: string;
  readonly #options: RunTreeOptions;
  readonly #nodes = new Map<string, Node>();
  readonly #runs = new Map<string, RunSource>();

  constructor(root: string, options: RunTreeOptions) {
    this.root = root;
    this.#options = options;
  }

  /** Runs that were not there at the last call. */
  async scan(pause: Pause): Promise<FoundRun[]> {
    const found: FoundRun[] = [];
    await this.#visit(this.root, maxDepth, { found, pause });
    return found;
  }

  /** Says that a folder is no run any more: if it is one again, it is found again. */
  forget(folder: string): void {
    this.#runs.delete(folder);
    this.#nodes.delete(folder);
    this.#nodes.delete(path.dirname(folder));
  }

  async #visit(
    folder: string,
    depth: number,
    scan: { found: FoundRun[]; pause: Pause },
  ): Promise<void> {
    await scan.pause();
    const stat = statOf(folder);
    const known = this.#nodes.get(folder);
    if (!stat?.isDirectory()) return void this.#nodes.delete(folder);
    const isKnown = known?.isSettled === true && known.modifiedMs === stat.mtimeMs;
    const { folders } = isKnown ? known : this.#list(folder, stat.mtimeMs, scan.found);
    if (depth === 0) return;
    for (const child of folders) {
      if (!this.#isLeaf(child, scan.found)) await this.#visit(child, depth - 1, scan);
    }
  }

  /** Whether a folder is a run in which no others are looked for. */
  #isLeaf(folder: string, found: FoundRun[]): boolean {
    const source = this.#runs.get(folder) ?? this.#options.known.get(folder);
    if (source === undefined || source === "tensorboard") return false;
    this.#add(folder, source, found);
    return true;
  }

  #add(folder: string, source: RunSource, found: FoundRun[]): void {
    if (this.#runs.has(folder)) return;
    this.#runs.set(folder, source);
    found.push({ folder, source });
  }

  #list(folder: string, modifiedMs: number, found: FoundRun[]): Node {
    const entries = readEntries(folder);
    const source = sourceOf(entries);
    if (source) this.#add(folder, source, found);
    const isSettled = this.#options.nowMs() - modifiedMs > settledMs;
    const hasRuns = source === undefined || source === "tensorboard";
    const folders = entries
      .filter((entry) => hasRuns && entry.isDirectory() && isLookedInto(entry.name))
      .map(({ name }) => path.join(folder, name));
    const node = { modifiedMs, isSettled, folders };
    if (hasRuns) this.#nodes.set(folder, node);
    return node;
  }
}

function readEntries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // gone meanwhile, or not ours to read
  }
}

function isLookedInto(name: string): boolean {
  return !name.startsWith(".") && name !== "node_modules";
}

/** Which program's run a folder is, by the files in it. A sweep's record for TensorBoard is no run's. */
function sourceOf(entries: readonly Dirent[]): RunSource | undefined {
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  if (files.includes("manifest.json")) return "seedbed";
  if (files.some((name) => /^run-.+\.wandb$/.test(name))) return "wandb";
  const has = (name: string): boolean => entries.some((each) => each.name === name);
  if (files.includes("meta.yaml") && has("metrics") && has("params")) return "mlflow";
  const isEvents = (name: string): boolean => name.includes("tfevents") && !name.endsWith(".sweep");
  return files.some(isEvents) ? "tensorboard" : undefined;
}
