import { findWorkload } from "../cases/index.ts";
import type { Measurement } from "../measurement.ts";
import { markdownTable } from "../table.ts";

/** Times PyTorch's peak that ours may be. */
export const mostRatio = 1.2;
/** Part of the whole process's peak that gradient checkpointing must save. */
export const leastSaving = 0.25;
/** What is computed again is added up in another order: part of a loss. */
const lossTolerance = 1e-5;

/** Most memory of one workload's process, in millions of bytes. */
export interface Peak {
  name: string;
  peakMb: number;
  /** Null where it was not measured. */
  pyTorchMb: number | null;
  /** Of the first steps. */
  losses: number[];
}

export function peakOf({ name, peakMb, losses, peers }: Measurement): Peak {
  const { pytorch } = peers;
  const pyTorchMb = pytorch && "peakMb" in pytorch ? pytorch.peakMb : null;
  return { name, peakMb, pyTorchMb, losses };
}

export function peakTable(peaks: readonly Peak[]): string {
  return markdownTable(
    ["work", "peak, MB", "PyTorch's", "ratio"],
    peaks.map(({ name, peakMb, pyTorchMb }) => [
      findWorkload(name).title,
      peakMb.toFixed(0),
      pyTorchMb?.toFixed(0) ?? "",
      pyTorchMb ? (peakMb / pyTorchMb).toFixed(2) : "",
    ]),
  );
}

/** What is wrong with the peaks, one sentence each. */
export function faultsOf(peaks: readonly Peak[]): string[] {
  const faults: string[] = [];
  for (const { name, peakMb, pyTorchMb } of peaks) {
    if (pyTorchMb === null || peakMb <= mostRatio * pyTorchMb) continue;
    faults.push(`${name} takes more than ${mostRatio} times PyTorch's memory`);
  }
  const plain = peaks.find(({ name }) => name === "unet-wide");
  const checkpointed = peaks.find(({ name }) => name === "unet-checkpointed");
  if (!plain || !checkpointed) return faults;
  if (!plain.losses.every((loss, i) => isClose(loss, checkpointed.losses[i]))) {
    faults.push("gradient checkpointing changes the losses");
  }
  if (checkpointed.peakMb > (1 - leastSaving) * plain.peakMb) {
    faults.push(`gradient checkpointing saves less than ${100 * leastSaving} %`);
  }
  return faults;
}

function isClose(a: number, b: number | undefined): boolean {
  return b !== undefined && Math.abs(a - b) <= lossTolerance * Math.abs(a);
}
