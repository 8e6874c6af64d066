import { useEffect, useRef, useState } from "preact/hooks";

import type { ChangedEvent } from "../../api.ts";
import { ask, AskError } from "./ask.ts";
import { lastChange } from "./changes.ts";

export interface Answered<Answer> {
  /** The last answer, also while a newer one is awaited. */
  readonly answer: Answer | undefined;
  readonly error: AskError | undefined;
  readonly loading: boolean;
}

export interface AnswerOptions {
  /** Sent as JSON; without it the question is a GET. */
  readonly body?: unknown;
  /** Asked again when these runs change; "all" for any run, absent for never. */
  readonly follow?: readonly string[] | "all";
  /** Asked again so often as well; for what changes without the index knowing. */
  readonly everyMs?: number | null;
}

/**
 * The server's answer to a question, asked again when runs change. One question is under way at a
 * time: changes that come meanwhile are answered together by the next.
 *
 * @param path null asks nothing
 */
export function useAnswer<Answer>(
  path: string | null,
  { body, follow, everyMs = null }: AnswerOptions = {},
): Answered<Answer> {
  const [state, setState] = useState<Answered<Answer>>(unasked);
  const question = path === null ? null : JSON.stringify([path, body]);
  const followed = useRef(follow);
  followed.current = follow;
  useEffect(() => {
    if (path === null) return setState(unasked);
    const abort = new AbortController();
    setState((old) => ({ ...old, loading: true }));
    let revision = -1;
    const poll = repeated(async () => {
      const next = await answerOf<Answer>(path, body, abort.signal);
      revision = revisionOf(next.answer);
      if (!abort.signal.aborted) setState((old) => ({ ...old, ...next }));
    });
    poll();
    const stop = onChange((change) => {
      if (change.revision > revision && concerns(change, followed.current)) poll();
    });
    const timer = everyMs === null ? undefined : setInterval(poll, everyMs);
    return () => {
      abort.abort();
      clearInterval(timer);
      stop();
    };
  }, [question, everyMs]);
  return state;
}

const unasked = { answer: undefined, error: undefined, loading: false };

/** An answer replaces the last error, an error leaves the last answer. */
async function answerOf<Answer>(path: string, body: unknown, signal: AbortSignal) {
  try {
    const answer = await ask<Answer>(path, { body, signal });
    return { answer, error: undefined, loading: false };
  } catch (error) {
    const known = error instanceof AskError ? error : new AskError(String(error), 0);
    return { error: known, loading: false };
  }
}

/** Of an answer that says so; else any change is newer. */
export function revisionOf(answer: unknown): number {
  if (typeof answer !== "object" || answer === null || !("revision" in answer)) return -1;
  return typeof answer.revision === "number" ? answer.revision : -1;
}

/** Calls `work` now, or once more after it has ended. */
function repeated(work: () => Promise<void>): () => void {
  let busy = false;
  let again = false;
  const run = (): void => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    again = false;
    void work().finally(() => {
      busy = false;
      if (again) run();
    });
  };
  return run;
}

function onChange(react: (change: ChangedEvent) => void): () => void {
  const first = lastChange.peek();
  return lastChange.subscribe((change) => {
    if (change !== first) react(change);
  });
}

function concerns({ keys }: ChangedEvent, follow: AnswerOptions["follow"]): boolean {
  if (!follow) return false;
  return follow === "all" || keys.length === 0 || keys.some((key) => follow.includes(key));
}
