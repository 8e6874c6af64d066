import { InterruptedError } from "./interruptedError.ts";

const shared = new WeakSet<Error>();

/** Marks a failure that all workers have at the same place, by what they know alike. */
export function sharedFailure<Failure extends Error>(failure: Failure): Failure {
  shared.add(failure);
  return failure;
}

/** Whether workers that fail so can still do things together; interruptions are agreed on. */
export function isSharedFailure(failure: unknown): boolean {
  return failure instanceof InterruptedError || (failure instanceof Error && shared.has(failure));
}
