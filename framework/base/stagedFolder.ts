import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";

import { syncFolder } from "./atomicFile.ts";

/**
 * A folder that appears whole or not at all: it is filled as a hidden neighbour, made durable, and
 * renamed. Until then what had its name stays as it is.
 */
export class StagedFolder {
  /** Where to write meanwhile. */
  readonly path: string;
  readonly #target: string;

  constructor(target: string) {
    this.#target = target;
    this.path = path.join(path.dirname(target), `.${path.basename(target)}.${process.pid}.tmp`);
    rmSync(this.path, { recursive: true, force: true });
    mkdirSync(this.path, { recursive: true });
  }

  /** Puts it in its place; a file or folder of that name is replaced. */
  commit(): void {
    const old = `${this.path}.old.tmp`;
    syncFolder(this.path);
    rmSync(old, { recursive: true, force: true });
    if (existsSync(this.#target)) renameSync(this.#target, old);
    renameSync(this.path, this.#target);
    rmSync(old, { recursive: true, force: true });
    syncFolder(path.dirname(this.#target));
  }

  /** Leaves nothing. */
  discard(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
