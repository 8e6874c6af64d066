import type { Socket } from "node:net";

import type { FastifyInstance } from "fastify";

/**
 * Lets a server end when its last answer has: connections on which nothing is asked are closed while it
 * closes, those on which nothing was ever asked among them, which Node.js waits for.
 */
export function closeConnections(app: FastifyInstance): void {
  const unasked = new Set<Socket>();
  app.server.on("connection", (socket: Socket) => {
    unasked.add(socket);
    socket.once("close", () => unasked.delete(socket));
  });
  app.server.on("request", ({ socket }) => unasked.delete(socket));
  app.addHook("preClose", async () => {
    const close = (): void => {
      app.server.closeIdleConnections();
      for (const socket of unasked) socket.destroy();
    };
    const timer = setInterval(close, 50).unref();
    app.server.once("close", () => clearInterval(timer));
  });
}
