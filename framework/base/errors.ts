/** A spec file asks for something its schema does not allow. */
export class SpecError extends Error {
  override readonly name = "SpecError";
  /** Where in the file, as a JSON pointer such as `/trainer/maxSteps`. */
  readonly pointer: string;

  /** @param where file and line, such as `configs/dreambooth.yaml:12` */
  constructor(where: string, pointer: string, problem: string, options?: ErrorOptions) {
    super(`Cannot read spec ${where} at ${pointer || "/"}: ${problem}`, options);
    this.pointer = pointer;
  }
}

/**
 * Input that the user gave is unusable: a missing folder, an unreadable image, a corrupt file.
 * The command line prints its message without a stack.
 */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** Says where another error happened. It stays an `InputError` if that one is, and keeps it. */
export function errorAt(where: string, cause: unknown): Error {
  const message = `${where}: ${cause instanceof Error ? cause.message : String(cause)}`;
  return cause instanceof InputError
    ? new InputError(message, { cause })
    : new Error(message, { cause });
}
