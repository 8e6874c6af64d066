import { randomBytes } from "node:crypto";

import Fastify, { type FastifyInstance } from "fastify";

import { admitRequests } from "./admitRequests.ts";
import { answerErrors } from "./answerErrors.ts";
import { ownCompilers, validateWhenNeeded } from "./bodyValidators.ts";
import { takeJson } from "./boundedJson.ts";
import { connectionOptions, limitConnections, type ConnectionOptions } from "./connections.ts";
import { timeStreams, type StreamOptions } from "./eventStream.ts";
import type { KeyRing } from "./keys/keyRing.ts";
import type { LanguageService } from "./languageService.ts";
import { KeyLimits } from "./limits/keyLimits.ts";
import { measureRequests } from "./metrics/measureRequests.ts";
import { ServerMetrics } from "./metrics/serverMetrics.ts";
import { requestAsker } from "./requestAsker.ts";
import { Responses } from "./responses/responses.ts";
import { ResponseStore, type ResponseStoreOptions } from "./responses/responseStore.ts";
import type { ServerContext } from "./route.ts";
import { routes } from "./routes/index.ts";
import { Dispatcher, type AnsweredRequest, type RoutingOptions } from "./routing/dispatcher.ts";
import { trimWhileServing } from "./trimWhileServing.ts";

export interface ServerOptions {
  /** Models by their names. */
  readonly services: readonly LanguageService[];
  /** Prices, and who chooses the model where a client leaves it open. */
  readonly routing?: RoutingOptions | undefined;
  /** Told of each request when nothing more is said to it; it must not throw. */
  readonly onAnswered?: ((answered: AnsweredRequest) => void) | undefined;
  /** Address that the server will listen on, which decides what names it answers to. Default: 127.0.0.1. */
  readonly host?: string;
  /** Who may ask. Default: everyone, who is on this machine then. */
  readonly keys?: KeyRing;
  /** What keys may still take. */
  readonly limits?: KeyLimits;
  /** Largest body, in bytes. Default: 20 MiB. */
  readonly bodyLimit?: number;
  /** Where responses are kept. Default: nowhere. */
  readonly responseStore?: ResponseStoreOptions | undefined;
  readonly connections?: ConnectionOptions;
  readonly streams?: StreamOptions;
  /** Told of errors that are no client's. */
  readonly warn: (line: string) => void;
}

/** An HTTP server that answers as OpenAI's API does. */
export function createServer(options: ServerOptions): FastifyInstance {
  const { services, host = "127.0.0.1", keys, limits = new KeyLimits(), warn } = options;
  const {
    routing,
    onAnswered,
    responseStore,
    bodyLimit = 20 * 2 ** 20,
    connections = {},
    streams = {},
  } = options;
  const app: FastifyInstance = Fastify({
    ...connectionOptions(connections),
    bodyLimit,
    genReqId: () => `req_${randomBytes(16).toString("hex")}`,
    ...ownCompilers,
  });
  const checks = validateWhenNeeded(app);
  app.addHook("onListen", () => {
    void prepare([...checks, ...services.map((service) => () => service.prepareForms())]);
  });
  limitConnections(app, connections);
  timeStreams(app, streams);
  trimWhileServing(app);
  takeJson(app);
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  answerErrors(app, warn);
  const metrics = new ServerMetrics(services);
  measureRequests(app, metrics);
  admitRequests(app, { host, keys, limits });
  const dispatcher = new Dispatcher({ services, routing, onAnswered });
  const store = responseStore && new ResponseStore(responseStore);
  const responses = new Responses({ store, warn });
  app.addHook("onClose", () => responses.settled());
  const context: ServerContext = {
    ...{ dispatcher, responses, metrics, warn },
    askerOf: (request, reply) => requestAsker(request, reply, { limits, metrics }),
  };
  for (const route of routes) route(app, context);
  return app;
}

/** Does what the first requests would wait for, so that whoever comes earlier is heard in between. */
async function prepare(steps: readonly (() => unknown)[]): Promise<void> {
  for (const step of steps) {
    await new Promise(setImmediate);
    step();
  }
}
