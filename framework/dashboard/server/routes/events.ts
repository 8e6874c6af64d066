import type { FastifyInstance } from "fastify";

import type { DashboardState } from "../dashboardState.ts";
import { EventStream } from "../eventStream.ts";

/** Sends an event to every browser that listens. */
export type EventSender = (name: string, data: unknown) => void;

/**
 * `GET /api/events`. The first `changed` says the revision that the server has, so that a page that
 * was cut off knows whether it has missed something.
 */
export function eventRoutes(app: FastifyInstance, state: DashboardState): EventSender {
  const streams = new Set<EventStream>();
  app.get("/api/events", (_request, reply) => {
    const stream = new EventStream(reply, () => {
      streams.delete(stream);
      stopListening();
    });
    const stopListening = state.live.listen((event) => stream.send("changed", event));
    streams.add(stream);
    stream.send("changed", { revision: state.index.revision, keys: [] });
  });
  app.addHook("preClose", (done) => {
    for (const stream of streams) stream.end();
    done();
  });
  return (name, data) => {
    for (const stream of streams) stream.send(name, data);
  };
}
