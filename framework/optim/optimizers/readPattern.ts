/**
 * An optimizer's option as a regular expression.
 *
 * @throws {RangeError} when it is none
 */
export function readPattern(optimizer: string, option: string, pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(
      `Cannot build ${optimizer}: ${option} must be a regular expression, got ${JSON.stringify(pattern)} (${problem})`,
      { cause },
    );
  }
}
