import { inspect } from "node:util";

import { InputError, SpecError } from "../base/errors.ts";
import { WorkerError, type WorkerProblem } from "../distributed/workerError.ts";
import { InterruptedRun } from "./interruptedRun.ts";
import { withSourcePlaces } from "./sourcePlaces.ts";

const failure = 1;
const badInput = 2;

/**
 * What went wrong, and what the process ends with for it: a message for what the user can mend, a
 * stack for what we must.
 */
export function describeProblem(error: unknown): WorkerProblem {
  if (error instanceof WorkerError) {
    return { ...error.problem, message: error.message };
  }
  if (error instanceof InterruptedRun) {
    return { message: error.message, exitCode: error.exitCode, isInterrupted: true };
  }
  const isInterrupted = false;
  if (error instanceof SpecError || error instanceof InputError) {
    return { message: error.message, exitCode: badInput, isInterrupted };
  }
  return { message: withSourcePlaces(inspect(error)), exitCode: failure, isInterrupted };
}
