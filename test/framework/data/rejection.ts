import { expect } from "chai";

import { InputError } from "../../../framework/base/errors.ts";

/** The message of the InputError that a promise fails with; any other end fails the test. */
export async function rejection(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).to.be.instanceOf(InputError);
  return error instanceof InputError ? error.message : "";
}

/** The message of what a promise fails with; "" when it does not. */
export async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "",
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  );
}
