import type { FastifyError, FastifyInstance } from "fastify";

import { InputError } from "../../base/errors.ts";
import { FilterError } from "../../store/filterTokens.ts";
import type { ErrorAnswer } from "../api.ts";
import { RequestError } from "./requestError.ts";

/**
 * Makes every error an answer `{ error }`. What is not the asker's fault is told to `warn` as well,
 * and the browser learns no more than that it happened.
 */
export function answerErrors(app: FastifyInstance, warn: (message: string) => void): void {
  app.setNotFoundHandler(({ method, url }, reply) => {
    void reply.code(404).send({ error: `Cannot ${method} ${withoutQuery(url)}: no such address` });
  });
  app.setErrorHandler<FastifyError>((error, { method, url }, reply) => {
    const status = statusOf(error);
    if (status < 500) return reply.code(status).send(answerOf(error));
    const message = `Cannot ${method} ${withoutQuery(url)}`;
    warn(`${message}: ${error.stack ?? error.message}`);
    return reply.code(status).send({ error: `${message}: the server failed` });
  });
}

function answerOf(error: FastifyError): ErrorAnswer {
  const { message } = error;
  return error instanceof FilterError
    ? { error: message, position: error.position }
    : { error: message };
}

function statusOf(error: FastifyError): number {
  if (error instanceof RequestError) return error.status;
  if (error instanceof InputError) return 400;
  return error.statusCode ?? 500;
}

/** A query may hold a token, which has no place in messages. */
const withoutQuery = (url: string): string => url.split("?")[0]!;
