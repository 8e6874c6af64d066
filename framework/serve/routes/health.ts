import type { Route } from "../route.ts";

/** `GET /health` */
export const health: Route = (app) => {
  app.get("/health", { config: { isOpen: true } }, async () => ({ status: "ok" }));
};
