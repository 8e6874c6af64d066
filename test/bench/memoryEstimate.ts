import { runApart } from "./runApart.ts";

/** What a workload's process will need, in millions of bytes. */
export interface MemoryEstimate {
  name: string;
  neededMb: number;
}

export function isMemoryEstimate(value: unknown): value is MemoryEstimate {
  return typeof value === "object" && value !== null && "neededMb" in value;
}

export async function estimateMemory(name: string): Promise<MemoryEstimate> {
  return runApart("estimateMemory.ts", [name], isMemoryEstimate);
}

/** Why a workload cannot be measured; undefined if it can. */
export function lackOfMemory(
  { name, neededMb }: MemoryEstimate,
  availableMb: number,
): string | undefined {
  if (neededMb <= availableMb) return undefined;
  return `${name} is left out: it needs about ${neededMb.toFixed(0)} MB, of which ${availableMb.toFixed(0)} are there`;
}
