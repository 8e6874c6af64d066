import type { ForeignRun } from "../foreign/foreignRun.ts";
import { ForeignView } from "./foreignView.ts";
import type { RunSystem, TimedValues } from "./runMedia.ts";

/** What the machine of another program's run was doing, by that program's names. */
export class ForeignSystem extends ForeignView implements RunSystem {
  readonly #metrics = new Map<string, TimedValues>();

  protected clear(): void {
    this.#metrics.clear();
  }

  protected read(run: ForeignRun): void {
    for (const { time, metrics } of run.readSystem()) {
      for (const [name, value] of Object.entries(metrics)) this.#add(name, time, value);
    }
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
