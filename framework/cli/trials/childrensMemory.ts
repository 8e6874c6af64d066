import { readdirSync, readFileSync } from "node:fs";

/** Bytes in a page of memory, on what Node runs on. */
const pageBytes = 4096;

interface ProcessState {
  readonly pid: number;
  readonly parent: number;
  readonly residentBytes: number;
}

/**
 * Memory that is resident for what a process has started, at any depth, in bytes; pages that
 * processes share count for each. 0 where there is no /proc.
 */
export function childrensMemory(pid: number): number {
  const all = processes();
  const family = new Set([pid]);
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const each of all) if (family.has(each.parent)) family.add(each.pid);
  }
  family.delete(pid);
  const members = all.filter((each) => family.has(each.pid));
  return members.reduce((sum, { residentBytes }) => sum + residentBytes, 0);
}

function processes(): ProcessState[] {
  try {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return pids.flatMap((name) => readState(Number(name)) ?? []);
  } catch {
    return [];
  }
}

function readState(pid: number): ProcessState | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // from the third on
    return { pid, parent: Number(fields[1]), residentBytes: Number(fields[21]) * pageBytes };
  } catch {
    return undefined; // it has ended
  }
}
