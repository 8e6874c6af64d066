import type { Route } from "../route.ts";

/** `GET /health` */
export const health: Route = (app) => {
  app.get("/health", async () => ({ status: "ok" }));
};
