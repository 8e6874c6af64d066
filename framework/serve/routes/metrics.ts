import type { Route } from "../route.ts";

/** `GET /metrics`, for Prometheus */
export const metrics: Route = (app, { metrics: own }) => {
  app.get("/metrics", async (_request, reply) => {
    reply.type(own.contentType);
    return own.text();
  });
};
