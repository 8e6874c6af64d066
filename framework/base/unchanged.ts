/** @file Errors of compiled functions that have changed nothing: a proof that only a backend has. */

const proved = new WeakSet<Error>();

/** Remembers that the call that threw the error has changed no variable. */
export function markUnchanged(error: unknown): void {
  if (error instanceof Error) proved.add(error);
}

/** Whether that is known of the error, or of what caused it. */
export function hasChangedNothing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return proved.has(error) || hasChangedNothing(error.cause);
}
