import { readFileSync } from "node:fs";

/** Whether a process of this machine runs, be it another user's. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  return !"ZX".includes(linuxStat(pid)?.[0] ?? "running"); // dead, and waiting for its parent
}

/** Fields of /proc/<pid>/stat from the third, the process's state, on; undefined where there is none. */
export function linuxStat(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
