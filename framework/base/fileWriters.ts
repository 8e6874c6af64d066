import { readdirSync, readFileSync, readlinkSync, statSync, type BigIntStats } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/**
 * Numbers of the processes, other than this one, that have a file open to write to it: those of this
 * machine that its user may look into. None where there is no /proc.
 */
export function fileWriters(file: string): number[] {
  const sought = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (!sought) return [];
  const pids = namesIn("/proc").filter((name) => /^\d+$/.test(name));
  const others = pids.map(Number).filter((pid) => pid !== process.pid);
  return others.filter((pid) =>
    namesIn(`/proc/${pid}/fd`).some((number) => isWriter(pid, number, path.basename(file), sought)),
  );
}

/**
 * Waits for such processes to end, as those do that a process has started and that end with it.
 *
 * @returns those that have not
 */
export async function waitForWriters(file: string, timeoutMs: number): Promise<number[]> {
  const lastMs = performance.now() + timeoutMs;
  for (;;) {
    const writers = fileWriters(file);
    if (writers.length === 0 || performance.now() > lastMs) return writers;
    await wait(50);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // it has ended, or is another user's
  }
}

/** The name is looked at first: to ask for more of what is open may take long, as on a lost disk. */
function isWriter(pid: number, descriptor: string, name: string, sought: BigIntStats): boolean {
  try {
    const link = `/proc/${pid}/fd/${descriptor}`;
    if (path.basename(readlinkSync(link)) !== name) return false;
    const { dev, ino } = statSync(link, { bigint: true });
    return dev === sought.dev && ino === sought.ino && mayWrite(pid, descriptor);
  } catch {
    return false; // closed meanwhile
  }
}

/** Whether it was opened for more than to be read: the last two bits of its flags, written in octal. */
function mayWrite(pid: number, descriptor: string): boolean {
  const about = readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, "utf8");
  const flags = /^flags:\s*([0-7]+)/m.exec(about)?.[1] ?? "0";
  return (Number.parseInt(flags, 8) & 3) !== 0;
}
