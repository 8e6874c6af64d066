import path from "node:path";

import { numberFromJson, numberToJson } from "./jsonNumber.ts";
import { openLineFile, readLineFile } from "./lineFile.ts";
import { isRecord } from "./parameters.ts";

/** What the machine was doing at one moment, by the names of `SystemProbe`. */
export interface SystemRecord {
  /** Seconds since 1970. */
  time: number;
  metrics: Readonly<Record<string, number>>;
}

export const systemFileName = "system.jsonl";

/** What the machine was doing while a run's processes ran. */
export function readSystem(folder: string): SystemRecord[] {
  return readLineFile(path.join(folder, systemFileName), parseRecord);
}

/** A file `system.jsonl` that is being written. */
export interface SystemLog {
  write(record: SystemRecord): void;
  close(): void;
}

/** Opens the `system.jsonl` of a run's folder, to go on with it. */
export function openSystemLog(folder: string): SystemLog {
  const file = openLineFile(path.join(folder, systemFileName));
  return {
    write: (record) => file.append(formatRecord(record)),
    close: () => file.close(),
  };
}

function formatRecord({ time, metrics }: SystemRecord): string {
  const entries = Object.entries(metrics).map(
    ([name, value]) => `${JSON.stringify(name)}:${numberToJson(value)}`,
  );
  return `{"time":${time},"metrics":{${entries.join(",")}}}\n`;
}

function parseRecord(value: unknown): SystemRecord | undefined {
  if (!isRecord(value) || typeof value["time"] !== "number" || !isRecord(value["metrics"])) {
    return undefined;
  }
  const entries = Object.entries(value["metrics"]).flatMap(([name, entry]) => {
    const number = numberFromJson(entry);
    return number === undefined ? [] : [[name, number] as const];
  });
  return { time: value["time"], metrics: Object.fromEntries(entries) };
}
