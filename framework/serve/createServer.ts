import { randomBytes } from "node:crypto";

import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";

import { ApiError } from "./apiError.ts";
import type { Asker } from "./asker.ts";
import { closeConnections } from "./closeConnections.ts";
import { errorAnswer } from "./errorAnswer.ts";
import type { LanguageService } from "./languageService.ts";
import { Responses } from "./responses/responses.ts";
import { ResponseStore, type ResponseStoreOptions } from "./responses/responseStore.ts";
import type { ServerContext } from "./route.ts";
import { routes } from "./routes/index.ts";
import { Dispatcher, type AnsweredRequest, type RoutingOptions } from "./routing/dispatcher.ts";

export interface ServerOptions {
  /** Models by their names. */
  readonly services: readonly LanguageService[];
  /** Prices, and who chooses the model where a client leaves it open. */
  readonly routing?: RoutingOptions | undefined;
  /** Told of each request when nothing more is said to it; it must not throw. */
  readonly onAnswered?: ((answered: AnsweredRequest) => void) | undefined;
  /** Largest body, in bytes. Default: 20 MiB. */
  readonly bodyLimit?: number;
  /** Where responses are kept. Default: nowhere. */
  readonly responseStore?: ResponseStoreOptions | undefined;
  /** Told of errors that are no client's. */
  readonly warn: (line: string) => void;
}

/** An HTTP server that answers as OpenAI's API does. */
export function createServer({
  services,
  routing,
  onAnswered,
  responseStore,
  bodyLimit = 20 * 2 ** 20,
  warn,
}: ServerOptions): FastifyInstance {
  const app = Fastify({
    bodyLimit,
    forceCloseConnections: "idle",
    requestTimeout: 60_000,
    genReqId: () => `req_${randomBytes(16).toString("hex")}`,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: false } },
  });
  closeConnections(app);
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  app.setErrorHandler((error: FastifyError | ApiError, _request, reply) => {
    const { status, body } = errorAnswer(error, warn);
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send(
      new ApiError(`Unknown request URL: ${request.method} ${request.url}.`, {
        ...{ status: 404, code: "unknown_url" },
      }).body,
    ),
  );
  const dispatcher = new Dispatcher({ services, routing, onAnswered });
  const store = responseStore && new ResponseStore(responseStore);
  const responses = new Responses({ store, warn });
  app.addHook("onClose", () => responses.settled());
  const context: ServerContext = { dispatcher, responses, askerOf, warn };
  for (const route of routes) route(app, context);
  return app;
}

function askerOf(_request: FastifyRequest, { raw }: FastifyReply): Asker {
  const left = new AbortController();
  if (raw.destroyed) left.abort();
  raw.once("close", () => left.abort());
  return { signal: left.signal, owner: "", begin: () => ({ token() {}, end() {} }) };
}
