import { markdownTable } from "../table.ts";
import type { Placement } from "./offloadingWork.ts";

/** The name by which the command is asked for these measurements. */
export const offloadingName = "offloading";

/** Part of the moments' bytes that must not be taken when they lie in files. */
const leastSaving = 0.8;
/** A parameter has two moments of float32. */
const momentBytes = 8;

const titles: Readonly<Record<Placement, string>> = {
  memory: "in memory",
  files: "in files",
};

/** What a process that trained with moments in one place tells. */
export interface OffloadingPeak {
  placement: Placement;
  /** Parameters that learn. */
  trainable: number;
  /** Of all steps. */
  losses: number[];
  /** The median step. */
  stepSeconds: number;
  /** Most memory that the process had, in millions of bytes. */
  peakMb: number;
}

export function isOffloadingPeak(value: unknown): value is OffloadingPeak {
  return (
    typeof value === "object" && value !== null && "placement" in value && "stepSeconds" in value
  );
}

export function offloadingTable(peaks: readonly OffloadingPeak[]): string {
  const [first] = peaks;
  return markdownTable(
    ["moments", "parameters", "peak, MB", "ratio", "s a step", "ratio"],
    peaks.map(({ placement, trainable, peakMb, stepSeconds }) => [
      titles[placement],
      trainable.toLocaleString("en-US"),
      peakMb.toFixed(0),
      (peakMb / first!.peakMb).toFixed(2),
      stepSeconds.toFixed(2),
      (stepSeconds / first!.stepSeconds).toFixed(2),
    ]),
  );
}

/** What is wrong with the peaks, one sentence each. */
export function offloadingFaults(peaks: readonly OffloadingPeak[]): string[] {
  const inMemory = peaks.find(({ placement }) => placement === "memory");
  const inFiles = peaks.find(({ placement }) => placement === "files");
  if (!inMemory || !inFiles) return [];
  const faults: string[] = [];
  if (inMemory.losses.join() !== inFiles.losses.join()) faults.push("losses are other bits");
  const moments = (inMemory.trainable * momentBytes) / 1e6;
  const saving = (inMemory.peakMb - inFiles.peakMb) / moments;
  if (saving < leastSaving) {
    faults.push(
      `files save ${(100 * saving).toFixed(0)} % of the moments' ${moments.toFixed(0)} MB, less than ${100 * leastSaving} %`,
    );
  }
  return faults;
}
