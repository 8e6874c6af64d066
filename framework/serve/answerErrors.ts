import type { FastifyError, FastifyInstance } from "fastify";

import { ApiError, errorHeaders } from "./apiError.ts";
import { errorAnswer } from "./errorAnswer.ts";

/** Makes every error an answer as OpenAI's API has it. */
export function answerErrors(app: FastifyInstance, warn: (line: string) => void): void {
  app.setErrorHandler((error: FastifyError | ApiError, _request, reply) => {
    const { status, body } = errorAnswer(error, warn);
    if (error instanceof ApiError) reply.headers(errorHeaders(error));
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler(({ method, url }, reply) =>
    reply.code(404).send(
      new ApiError(`Unknown request URL: ${method} ${url}.`, {
        ...{ status: 404, code: "unknown_url" },
      }).body,
    ),
  );
}
