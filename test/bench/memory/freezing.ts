import { markdownTable } from "../table.ts";
import type { Freezing } from "./freezingWork.ts";

/** The name by which the command is asked for these measurements. */
export const freezingName = "dreambooth-freezing";

/** Part of the memory of training everything that these must save. */
const leastSaving: Readonly<Partial<Record<Freezing, number>>> = { "vae+text": 0.4, lora: 0.6 };

const titles: Readonly<Record<Freezing, string>> = {
  everything: "UNet, text encoder and VAE",
  vae: "UNet and text encoder; VAE frozen",
  "vae+text": "UNet; VAE and text encoder frozen",
  lora: "LoRA of rank 4 of UNet and text encoder",
};

/** What a process that measured one freezing tells. */
export interface FreezingPeak {
  freezing: Freezing;
  /** Parameters that learn. */
  trainable: number;
  /** Of the first steps. */
  losses: number[];
  /** Most memory before anything of the model was made, in millions of bytes. */
  baseMb: number;
  peakMb: number;
}

export function isFreezingPeak(value: unknown): value is FreezingPeak {
  return typeof value === "object" && value !== null && "freezing" in value && "baseMb" in value;
}

/** What training takes: the program's own memory is left out. */
const takenMb = ({ peakMb, baseMb }: FreezingPeak): number => peakMb - baseMb;

/** Part of the memory of training everything that is saved; undefined where that is not known. */
function savingOf(peak: FreezingPeak, peaks: readonly FreezingPeak[]): number | undefined {
  const whole = peaks.find(({ freezing }) => freezing === "everything");
  return whole && 1 - takenMb(peak) / takenMb(whole);
}

export function freezingTable(peaks: readonly FreezingPeak[]): string {
  return markdownTable(
    ["trained", "parameters", "memory, MB", "saved"],
    peaks.map((peak) => [
      titles[peak.freezing],
      peak.trainable.toLocaleString("en-US"),
      takenMb(peak).toFixed(0),
      `${(100 * (savingOf(peak, peaks) ?? 0)).toFixed(0)} %`,
    ]),
  );
}

/** What is wrong with the peaks, one sentence each. */
export function freezingFaults(peaks: readonly FreezingPeak[]): string[] {
  return peaks.flatMap((peak) => {
    const faults: string[] = [];
    const least = leastSaving[peak.freezing];
    const saving = savingOf(peak, peaks);
    if (least !== undefined && saving !== undefined && saving < least) {
      faults.push(`${peak.freezing} saves less than ${100 * least} %`);
    }
    if (!peak.losses.every((loss) => Number.isFinite(loss))) {
      faults.push(`${peak.freezing} has a loss that is not finite`);
    }
    return faults;
  });
}
