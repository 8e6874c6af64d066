import path from "node:path";

import { parseJson } from "../../base/json.ts";
import { numberFromJson } from "../jsonNumber.ts";
import { LineTail } from "../lineTail.ts";
import { isRecord } from "../parameters.ts";
import type { WandbOfflineRun } from "./offline.ts";
import { wandbSystemMetrics } from "./systemMetrics.ts";

/** Until when earlier folders of the run have lines, seconds since 1970. */
export interface SideFilesSeen {
  lastOutputSeconds: number;
  lastStatsSeconds: number;
}

/**
 * Copies what a run prints and what its machine does, `console.jsonl` and `system.jsonl`, to W&B's
 * log. Lines that cannot be read are passed over: they are no reason to lose numbers.
 */
export class WandbSideFiles {
  readonly #offline: WandbOfflineRun;
  readonly #console: LineTail;
  readonly #system: LineTail;
  readonly #seen: SideFilesSeen;

  /** @param folder of the run */
  constructor(folder: string, offline: WandbOfflineRun, seen: SideFilesSeen) {
    this.#offline = offline;
    this.#console = new LineTail(path.join(folder, "console.jsonl"));
    this.#system = new LineTail(path.join(folder, "system.jsonl"));
    this.#seen = seen;
  }

  /** Takes over what was added since the last call. */
  copy(): void {
    for (const { time, stream, text } of recordsOf(this.#console)) {
      if (typeof text !== "string" || isSeen(time, this.#seen.lastOutputSeconds)) continue;
      this.#offline.logOutput(text, stream === "stderr" ? "stderr" : "stdout", time);
    }
    for (const { time, metrics } of recordsOf(this.#system)) {
      if (!isRecord(metrics) || isSeen(time, this.#seen.lastStatsSeconds)) continue;
      const numbers = Object.entries(metrics).flatMap(([name, entry]) => {
        const value = numberFromJson(entry);
        return value === undefined ? [] : [[name, value] as const];
      });
      this.#offline.logStats(wandbSystemMetrics(numbers), time);
    }
  }
}

type TimedRecord = Record<string, unknown> & { time: number };

function* recordsOf(tail: LineTail): Generator<TimedRecord> {
  for (const line of tail.read()) {
    const value = parseJson(line);
    if (isRecord(value) && isTimed(value)) yield value;
  }
}

function isTimed(value: Record<string, unknown>): value is TimedRecord {
  return Number.isFinite(value["time"]);
}

/** W&B's log holds times to the microsecond, if not to the last bit. */
function isSeen(time: number, lastSeconds: number): boolean {
  return time <= lastSeconds + 1e-6;
}
