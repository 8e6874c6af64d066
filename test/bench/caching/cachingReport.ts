import { duration } from "../measurementTable.ts";
import type { Row } from "../row.ts";
import { markdownTable } from "../table.ts";

/** The name by which it is asked for. */
export const cachingName = "dreambooth-caching";
/** How many times as many steps in a second there are to be. */
const target = 1.2;

/** A step of DreamBooth with cached latents, and with pictures encoded in it. */
export interface CachingReport {
  /** Median times. */
  cachedMs: number;
  encodedMs: number;
  /** Median of the turns' ratios of the second to the first. */
  ratio: number;
  /** Its first and third quartile. */
  quartiles: readonly [number, number];
  /** Most memory of the process, in millions of bytes. */
  peakMb: number;
}

export function isCachingReport(value: unknown): value is CachingReport {
  return typeof value === "object" && value !== null && "cachedMs" in value;
}

/** A Markdown table. */
export function cachingTable({ cachedMs, encodedMs, ratio, quartiles }: CachingReport): string {
  const range = quartiles.map((value) => value.toFixed(2)).join("-");
  return markdownTable(
    ["DreamBooth's step on the bundled model", "ms", "steps in a second", "quartiles", "target"],
    [
      ["pictures encoded in every step", duration(encodedMs), "1.00", "", ""],
      ["latents cached", duration(cachedMs), ratio.toFixed(2), range, `>= ${target}`],
    ],
  );
}

/** Rows of `--json`. */
export function cachingRows({ cachedMs, encodedMs, peakMb }: CachingReport): Row[] {
  const nobody = { ratioToPyTorch: null, ratioToTfjsNode: null, ratioToWasm: null, peakMb };
  return [
    { name: `${cachingName} cached`, ms: cachedMs, ...nobody },
    { name: `${cachingName} encoded`, ms: encodedMs, ...nobody },
  ];
}
