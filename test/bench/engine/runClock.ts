import { Binding } from "../../../framework/runtime/session.ts";

/** How long graphs have run in this process. */
export interface RunClock {
  runs: number;
  /** From the call to its answer, all runs together. */
  insideMs: number;
  /** What ran last. */
  last: Binding | undefined;
}

/** Takes the time of every run from now on. */
export function startRunClock(): RunClock {
  const clock: RunClock = { runs: 0, insideMs: 0, last: undefined };
  const { prototype } = Binding;
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its binding below
  const original = prototype.runAsync;
  prototype.runAsync = async function (this: Binding): Promise<void> {
    const start = performance.now();
    await original.call(this);
    clock.insideMs += performance.now() - start;
    clock.runs++;
    clock.last = this;
  };
  return clock;
}
