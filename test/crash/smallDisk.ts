import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, rmdirSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A check that this machine, or this user, cannot carry out. */
export class NotTried extends Error {}

/** A file system of its own, in memory. */
export interface SmallDisk {
  /** A folder on it. */
  readonly folder: string;
  /** Leaves little room on it, or none that can be written to. */
  fill(readOnly: boolean): void;
  /** Gives the room back. */
  empty(): void;
  unmount(): void;
}

/** Kilobytes that it has when nothing is to be refused. */
const roomyKb = 64_000;

/**
 * Mounts a tmpfs, which only root may do.
 *
 * @param leftKb what there is room for when it is filled
 * @throws {NotTried} when the system does not let us
 */
export function mountDisk(leftKb: number): SmallDisk {
  const folder = mkdtempSync(path.join(tmpdir(), "seedbed-disk-"));
  const run = (...[program = "", ...args]: string[]): void => {
    execFileSync(program, args, { stdio: "pipe" });
  };
  try {
    run("mount", "-t", "tmpfs", "-o", `size=${roomyKb}k`, "seedbed-crash", folder);
  } catch (error) {
    rmdirSync(folder);
    throw new NotTried(
      `since a file system cannot be mounted here: ${String(error).trim().split("\n").at(-1)}`,
    );
  }
  const ballast = path.join(folder, "ballast");
  return {
    folder,
    fill(readOnly) {
      if (readOnly) return run("mount", "-o", "remount,ro", folder);
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(ballast, new Uint8Array(bavail * bsize - leftKb * 1024));
    },
    empty() {
      run("mount", "-o", "remount,rw", folder);
      rmSync(ballast, { force: true });
    },
    unmount() {
      run("umount", folder);
      rmdirSync(folder);
    },
  };
}
