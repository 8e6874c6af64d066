import path from "node:path";

import { numberFromJson } from "../../tracking/jsonNumber.ts";
import { isRecord } from "../../tracking/parameters.ts";
import { systemFileName } from "../../tracking/systemLog.ts";
import { GrowingFile } from "../growingFile.ts";
import type { RunSystem, TimedValues } from "./runMedia.ts";

/** `system.jsonl` of a run, as curves. Lines that cannot be read are passed over. */
export class SeedbedSystem implements RunSystem {
  readonly #file: GrowingFile;
  readonly #metrics = new Map<string, TimedValues>();

  constructor(folder: string) {
    this.#file = new GrowingFile(path.join(folder, systemFileName), {
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
