import type { FitState } from "./fitState.ts";

/** What a task does when it ends. */
export interface TaskEnd {
  /**
   * Called after a failure, when the callbacks know of it.
   *
   * @throws what is to be thrown in the failure's place
   */
  readonly afterException?: (error: unknown) => Promise<void>;
  /** Gives back what the task made itself. */
  readonly dispose: () => void;
}

/**
 * One task of a Trainer from its first hook to teardown. After a failure every callback is told, and
 * every listener is torn down, whatever fails meanwhile: that is printed, for what went wrong first
 * is what must be thrown.
 */
export async function runTask<Result>(
  state: FitState,
  work: () => Promise<Result>,
  { afterException, dispose }: TaskEnd,
): Promise<Result> {
  let failure: { readonly error: unknown } | undefined;
  let result: Result | undefined;
  try {
    result = await work();
  } catch (error) {
    failure = { error };
    state.stage = "idle";
    try {
      printAll(state, await state.listeners.runException(state, error));
      await afterException?.(error);
    } catch (worse) {
      state.hasFailedAgain = true;
      failure = { error: worse };
    }
  }
  dispose();
  const problems = await state.listeners.runTeardown(state);
  if (failure) {
    printAll(state, problems);
    throw failure.error;
  }
  if (problems.length > 0) throw problems[0];
  return result!;
}

function printAll(state: FitState, problems: readonly Error[]): void {
  for (const { message } of problems) state.print(message);
}
