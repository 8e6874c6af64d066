import type { LanguageService } from "../languageService.ts";
import type { Route } from "../route.ts";

/** `GET /v1/models`, `GET /v1/models/{name}` */
export const models: Route = (app, { services, serviceOf }) => {
  const created = Math.floor(Date.now() / 1000);
  const bodyOf = ({ name }: LanguageService): object => ({
    ...{ id: name, object: "model", created, owned_by: "local" },
  });
  app.get("/v1/models", async () => ({ object: "list", data: services.map(bodyOf) }));
  app.get<{ Params: { name: string } }>("/v1/models/:name", async ({ params }) =>
    bodyOf(serviceOf(params.name)),
  );
};
