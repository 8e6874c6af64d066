import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import type { Asker } from "./asker.ts";
import type { LanguageService } from "./languageService.ts";

/** What all routes of a server share. */
export interface ServerContext {
  /** Models in the order that they are listed in. */
  readonly services: readonly LanguageService[];
  /** Told of errors that are no client's. */
  readonly warn: (line: string) => void;
  /** @throws {ApiError} 404 for a model that is not there */
  readonly serviceOf: (name: string) => LanguageService;
  /** Who sent a request. */
  readonly askerOf: (request: FastifyRequest, reply: FastifyReply) => Asker;
}

/** Adds what a server answers at one address. */
export type Route = (app: FastifyInstance, context: ServerContext) => void;
