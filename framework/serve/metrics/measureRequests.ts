import type { FastifyInstance } from "fastify";

import type { ServerMetrics } from "./serverMetrics.ts";

/** Status of a request whose client has left, as nginx has it. */
const clientLeft = 499;

/** Counts what a server answers, and how long it takes. */
export function measureRequests(app: FastifyInstance, metrics: ServerMetrics): void {
  app.decorateRequest("answeredBy", "");
  app.addHook("onRequest", async (request, reply) => {
    // Not "onResponse", which nobody hears of whose client has left.
    reply.raw.once("close", () => {
      metrics.request({
        route: request.routeOptions.url ?? "",
        model: request.answeredBy,
        status: reply.raw.writableFinished ? reply.statusCode : clientLeft,
        seconds: reply.elapsedTime / 1000,
      });
    });
  });
}
