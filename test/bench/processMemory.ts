import { readFileSync } from "node:fs";

/**
 * Memory of a process, in bytes: the most that it ever had, or what it has now. Only Linux tells.
 *
 * @throws {Error} when it has ended
 */
export function processMemory(pid: number, field: "peak" | "resident"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const name = field === "peak" ? "VmHWM" : "VmRSS";
  return 1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
}
