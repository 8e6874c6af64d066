import { textTable } from "../base/textTable.ts";

interface Action {
  calls: number;
  totalMs: number;
  longestMs: number;
}

/** Times what the Trainer does, by name; for display, nothing is decided by it. */
export class Profiler {
  readonly #actions = new Map<string, Action>();
  readonly #now: () => number;
  readonly #startedMs: number;

  /** @param now clock in ms */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#startedMs = now();
  }

  /** @returns ends the action; actions may lie inside one another */
  start(name: string): () => void {
    const startedMs = this.#now();
    return () => {
      const action = this.#actions.get(name) ?? { calls: 0, totalMs: 0, longestMs: 0 };
      const elapsedMs = this.#now() - startedMs;
      action.calls++;
      action.totalMs += elapsedMs;
      action.longestMs = Math.max(action.longestMs, elapsedMs);
      this.#actions.set(name, action);
    };
  }

  /** Times a promise. */
  async time<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const stop = this.start(name);
    try {
      return await work();
    } finally {
      stop();
    }
  }

  /**
   * A table of all actions, those that took longest first.
   *
   * @param longest whether to show each action's longest call too
   */
  table({ longest }: { longest: boolean }): string {
    const wholeMs = this.#now() - this.#startedMs;
    const header = [
      "Action",
      "Calls",
      "Mean ms",
      ...(longest ? ["Longest ms"] : []),
      "Total s",
      "%",
    ];
    const rows = [...this.#actions]
      .toSorted(([, a], [, b]) => b.totalMs - a.totalMs)
      .map(([name, { calls, totalMs, longestMs }]) => [
        name,
        String(calls),
        (totalMs / calls).toFixed(3),
        ...(longest ? [longestMs.toFixed(3)] : []),
        (totalMs / 1000).toFixed(2),
        ((100 * totalMs) / wholeMs).toFixed(1),
      ]);
    const numbers = [...header.keys()].slice(1);
    return textTable([header, ...rows], numbers).join("\n");
  }
}
