import type { Route } from "../route.ts";

/** `GET /v1/models`, `GET /v1/models/{name}` */
export const models: Route = (app, { dispatcher }) => {
  const created = Math.floor(Date.now() / 1000);
  const bodyOf = (id: string): object => ({ id, object: "model", created, owned_by: "local" });
  app.get("/v1/models", async () => ({ object: "list", data: dispatcher.names.map(bodyOf) }));
  app.get<{ Params: { name: string } }>("/v1/models/:name", async ({ params: { name } }) => {
    dispatcher.serviceOf(name); // or a 404
    return bodyOf(name);
  });
};
