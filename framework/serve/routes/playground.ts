import path from "node:path";

import type { PageBundle } from "../../web/server/bundlePage.ts";
import { setSecurityHeaders } from "../../web/server/securityHeaders.ts";
import { ApiError } from "../apiError.ts";
import type { Route } from "../route.ts";

const folder = path.resolve(import.meta.dirname, "../page");

/** `GET /`: a page to chat with the models, bundled when it is first asked for. */
export const playground: Route = (app) => {
  let bundle: Promise<PageBundle> | undefined;
  const page = (): Promise<PageBundle> => (bundle ??= bundled());
  const options = { config: { isOpen: true } };
  void app.register(async (scope) => {
    setSecurityHeaders(scope);
    scope.get("/", options, async (_request, reply) => {
      const { html } = await page();
      return reply.type("text/html; charset=utf-8").send(html);
    });
    scope.get<{ Params: { file: string } }>("/assets/:file", options, async ({ params }, reply) => {
      const { files } = await page();
      const file = files.get(params.file);
      if (!file) throw new ApiError("There is no such file.", { status: 404, code: "unknown_url" });
      return reply
        .type(file.type)
        .header("cache-control", "public, max-age=31536000, immutable")
        .send(Buffer.from(file.content));
    });
  });
};

/** The bundler is loaded for whoever wants the page, not for every server. */
async function bundled(): Promise<PageBundle> {
  const { bundlePage } = await import("../../web/server/bundlePage.ts");
  return bundlePage(folder);
}
