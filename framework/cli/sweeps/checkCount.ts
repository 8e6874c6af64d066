import { InputError } from "../../base/errors.ts";

/** @throws {InputError} unless an option's number is an integer from 1 up */
export function checkCount(option: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new InputError(`Cannot run the sweep: ${option} must be an integer >= 1, got ${value}`);
}
