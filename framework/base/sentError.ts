import { InputError } from "./errors.ts";

/** An error on its way between threads, where its class would be lost. */
export interface SentError {
  readonly message: string;
  readonly stack: string | undefined;
  readonly isInputError: boolean;
  readonly cause?: SentError;
}

export function sendError(thrown: unknown): SentError {
  if (!(thrown instanceof Error)) {
    return { message: String(thrown), stack: undefined, isInputError: false };
  }
  const { message, stack, cause } = thrown;
  return {
    message,
    stack,
    isInputError: thrown instanceof InputError,
    ...(cause !== undefined && { cause: sendError(cause) }),
  };
}

export function receiveError({ message, stack, isInputError, cause }: SentError): Error {
  const options = cause && { cause: receiveError(cause) };
  const error = isInputError ? new InputError(message, options) : new Error(message, options);
  if (stack !== undefined) error.stack = stack;
  return error;
}
