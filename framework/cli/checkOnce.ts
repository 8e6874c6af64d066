import { InputError } from "../base/errors.ts";

/**
 * Of an option that is given twice, yargs makes a list.
 *
 * @param several options and arguments that may be given several times
 * @throws {InputError} naming the option
 */
export function checkOnce(given: object, several: readonly string[]): void {
  for (const [name, value] of Object.entries(given)) {
    if (!Array.isArray(value) || ["_", ...several].includes(name)) continue;
    throw new InputError(
      `Cannot read the command: expected --${name} once, got it ${value.length} times`,
    );
  }
}
