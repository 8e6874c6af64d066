import type { ForeignFormat } from "../foreign/foreignRun.ts";
import { readQuietly } from "../foreign/readQuietly.ts";
import type { RunSystem, TimedValues } from "./runMedia.ts";

/** What the machine of another program's run was doing, by that program's names. */
export class ForeignSystem implements RunSystem {
  readonly #format: ForeignFormat;
  readonly #folder: string;
  readonly #metrics = new Map<string, TimedValues>();
  #stamp = "";

  constructor(format: ForeignFormat, folder: string) {
    this.#format = format;
    this.#folder = folder;
  }

  look(): this {
    const stamp = this.#format.stamp(this.#folder);
    if (stamp === this.#stamp) return this;
    this.#stamp = stamp;
    this.#metrics.clear();
    if (stamp === "") return this;
    for (const { time, metrics } of readQuietly(this.#format, this.#folder).readSystem()) {
      for (const [name, value] of Object.entries(metrics)) this.#add(name, time, value);
    }
    return this;
  }

  names(): string[] {
    return [...this.#metrics.keys()].toSorted();
  }

  values(name: string): TimedValues {
    return this.#metrics.get(name) ?? { times: [], values: [] };
  }

  #add(name: string, time: number, value: number): void {
    const known = this.#metrics.get(name) ?? { times: [], values: [] };
    this.#metrics.set(name, known);
    known.times.push(time);
    known.values.push(value);
  }
}
