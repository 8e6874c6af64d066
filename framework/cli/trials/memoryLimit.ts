import { InputError } from "../../base/errors.ts";
import type { CommandContext } from "../command.ts";
import type { SignalWatch } from "../signals.ts";

export interface MemoryLimit {
  readonly bytes: number;
  /** What is used now, in bytes. */
  readonly used: () => number;
  readonly everySeconds?: number;
}

/** A context whose work is asked to stop, for good, when it takes more memory than it may. */
export function withMemoryLimit(context: CommandContext, limit: MemoryLimit): CommandContext {
  return { ...context, watchSignals: (terminal) => limited(context.watchSignals(terminal), limit) };
}

function limited(watch: SignalWatch, { bytes, used, everySeconds = 1 }: MemoryLimit): SignalWatch {
  const exceeded = new AbortController();
  const timer = setInterval(() => {
    const now = used();
    if (now > bytes) exceeded.abort(tooMuch(bytes, now));
  }, everySeconds * 1000).unref();
  return {
    ...watch,
    signal: AbortSignal.any([watch.signal, exceeded.signal]),
    release() {
      clearInterval(timer);
      watch.release();
    },
  };
}

function tooMuch(bytes: number, used: number): InputError {
  return new InputError(
    `Cannot go on: expected at most ${inMb(bytes)} of memory, as limits.memory of the sweep says, got ${inMb(used)}`,
  );
}

const inMb = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;
