import { InputError } from "../base/errors.ts";
import type { JsonValue } from "../base/json.ts";
import type { BatchAnswer } from "./batchPool.ts";
import type { Shard } from "./dataLoader.ts";

/** What a thread is started with. */
export interface LoaderSetup {
  /** Address of the module. */
  readonly module: string;
  /** Name of the export that makes the loader. */
  readonly factory: string;
  readonly options: JsonValue;
  /** The share of the loader that is asked for, if not all. */
  readonly shard?: Shard;
}

/** Asks a thread for a batch; it answers one at a time. */
export interface BatchRequest {
  readonly epoch: number;
  readonly index: number;
}

/** What a thread answers. */
export type LoaderMessage =
  /** The first answer. `length` is absent when the loader does not know it beforehand. */
  | { readonly kind: "ready"; readonly length?: number }
  | { readonly kind: "failed"; readonly error: SentError }
  | BatchAnswer;

/** An error on its way between threads, where its class would be lost. */
export interface SentError {
  readonly message: string;
  readonly stack: string | undefined;
  readonly isInputError: boolean;
}

export function sendError(cause: unknown): SentError {
  if (!(cause instanceof Error)) {
    return { message: String(cause), stack: undefined, isInputError: false };
  }
  const { message, stack } = cause;
  return { message, stack, isInputError: cause instanceof InputError };
}

export function receiveError({ message, stack, isInputError }: SentError): Error {
  const error = isInputError ? new InputError(message) : new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
