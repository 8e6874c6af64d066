import type { JSX } from "preact";

import type { AskError } from "../ask/ask.ts";
import { Loading, Notice } from "./notice.tsx";

interface UnansweredProps {
  readonly error: AskError | undefined;
  /** Bars while the answer is awaited. */
  readonly rows?: number;
}

/** Stands in the place of a view that has no answer yet, or that got an error instead of one. */
export function Unanswered({ error, rows = 6 }: UnansweredProps): JSX.Element {
  return error ? <Notice kind="error" title={error.message} /> : <Loading rows={rows} />;
}
