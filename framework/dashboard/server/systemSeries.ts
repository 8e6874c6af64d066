import path from "node:path";

import { numberFromJson } from "../../tracking/jsonNumber.ts";
import { isRecord } from "../../tracking/parameters.ts";
import { GrowingFile } from "./growingFile.ts";

/** Values of one system metric. */
export interface TimedValues {
  /** Seconds since 1970. */
  readonly times: number[];
  readonly values: number[];
}

/** `system.jsonl` of a run, as curves. Lines that cannot be read are passed over. */
export class SystemSeries {
  readonly #file: GrowingFile;
  readonly #metrics = new Map<string, TimedValues>();

  constructor(folder: string) {
    this.#file = new GrowingFile(path.join(folder, "system.jsonl"), {
      restart: () => this.#metrics.clear(),
      line: (bytes) => this.#take(bytes.toString("utf8")),
    });
  }

  look(): this {
    this.#file.look();
    return this;
  }

  names(): string[] {
    return [...this.#metrics.keys()].toSorted();
  }

  values(name: string): TimedValues {
    return this.#metrics.get(name) ?? { times: [], values: [] };
  }

  #take(line: string): void {
    const value = parseJson(line);
    const { time, metrics } = isRecord(value) ? value : {};
    if (typeof time !== "number" || !isRecord(metrics)) return;
    for (const [name, each] of Object.entries(metrics)) {
      const number = numberFromJson(each);
      if (number !== undefined) this.#add(name, time, number);
    }
  }

  #add(name: string, time: number, value: number): void {
    const known = this.#metrics.get(name) ?? { times: [], values: [] };
    this.#metrics.set(name, known);
    known.times.push(time);
    known.values.push(value);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
