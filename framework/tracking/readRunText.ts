import { InputError } from "../base/errors.ts";
import { readRegularFile } from "../base/readRegularFile.ts";

/**
 * Text of a file of a run's folder; undefined when there is none.
 *
 * @throws {InputError} when it cannot be read
 */
export function readRunText(file: string): string | undefined {
  try {
    return readRegularFile(file).toString();
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    if (code === "ENOENT") return undefined;
    throw new InputError(
      `Cannot read ${file}: expected a file that can be read, got ${code}; mend it or remove it`,
      { cause },
    );
  }
}
