import type { FastifyInstance } from "fastify";

import type { PageBundle } from "../../../web/server/bundlePage.ts";
import { RequestError } from "../requestError.ts";

/** `GET /` and the files that the page loads. */
export function pageRoutes(app: FastifyInstance, { html, files }: PageBundle): void {
  app.get("/", (_request, reply) => reply.type("text/html; charset=utf-8").send(html));
  app.get<{ Params: { file: string } }>("/assets/:file", ({ params }, reply) => {
    const file = files.get(params.file);
    if (!file) throw new RequestError(404, `Cannot load ${params.file}: no such file of the page`);
    return reply
      .type(file.type)
      .header("cache-control", "public, max-age=31536000, immutable")
      .send(Buffer.from(file.content));
  });
}
