import { InputError } from "../base/errors.ts";

/**
 * @param attempt begins the message, such as `Cannot run the sweep`
 * @throws {InputError} unless an option's number is an integer from 1 up
 */
export function checkCount(attempt: string, option: string, value: number | undefined): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) return;
  throw new InputError(`${attempt}: ${option} must be an integer >= 1, got ${value}`);
}
