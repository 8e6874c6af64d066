import type { ConsoleLine } from "../../tracking/consoleLog.ts";
import type { ForeignFormat } from "../foreign/foreignRun.ts";
import { readQuietly } from "../foreign/readQuietly.ts";
import type { ConsoleAnswer, ConsoleQuery, RunConsole } from "./runMedia.ts";

/** What another program's run has printed. */
export class ForeignConsole implements RunConsole {
  readonly #format: ForeignFormat;
  readonly #folder: string;
  #stamp = "";
  #lines: readonly ConsoleLine[] = [];

  constructor(format: ForeignFormat, folder: string) {
    this.#format = format;
    this.#folder = folder;
  }

  look(): this {
    const stamp = this.#format.stamp(this.#folder);
    if (stamp === this.#stamp) return this;
    this.#stamp = stamp;
    this.#lines = stamp === "" ? [] : readQuietly(this.#format, this.#folder).readConsole();
    return this;
  }

  answer({ after, limit, search }: ConsoleQuery): ConsoleAnswer {
    const wanted = search.toLowerCase();
    const lines = this.#lines
      .map((line, number) => ({ ...line, number }))
      .slice(after)
      .filter(({ text }) => text.toLowerCase().includes(wanted));
    return { total: this.#lines.length, lines: lines.slice(0, limit) };
  }
}
