import type { ConsoleLine } from "../../tracking/consoleLog.ts";
import type { ForeignRun } from "../foreign/foreignRun.ts";
import { ForeignView } from "./foreignView.ts";
import type { ConsoleAnswer, ConsoleQuery, RunConsole } from "./runMedia.ts";

/** What another program's run has printed. */
export class ForeignConsole extends ForeignView implements RunConsole {
  #lines: readonly ConsoleLine[] = [];

  protected clear(): void {
    this.#lines = [];
  }

  protected read(run: ForeignRun): void {
    this.#lines = run.readConsole();
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
