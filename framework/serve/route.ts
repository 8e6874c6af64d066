import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import type { Asker } from "./asker.ts";
import type { ServerMetrics } from "./metrics/serverMetrics.ts";
import type { Responses } from "./responses/responses.ts";
import type { Dispatcher } from "./routing/dispatcher.ts";

/** What all routes of a server share. */
export interface ServerContext {
  /** Says who answers a request. */
  readonly dispatcher: Dispatcher;
  /** Those that are being made, and those that are kept. */
  readonly responses: Responses;
  readonly metrics: ServerMetrics;
  /** Told of errors that are no client's. */
  readonly warn: (line: string) => void;
  /** Who sent a request. */
  readonly askerOf: (request: FastifyRequest, reply: FastifyReply) => Asker;
}

/** Adds what a server answers at one address. */
export type Route = (app: FastifyInstance, context: ServerContext) => void;
