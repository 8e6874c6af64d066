import compress from "@fastify/compress";
import { fastify, type FastifyInstance } from "fastify";

import { answerErrors } from "./answerErrors.ts";
import type { PageBundle } from "./bundlePage.ts";
import { infoRoutes } from "./routes/info.ts";
import { pageRoutes } from "./routes/page.ts";
import { setSecurityHeaders } from "./securityHeaders.ts";

export interface DashboardOptions {
  /** Folders with runs. */
  readonly folders: readonly string[];
  /** Of the package. */
  readonly version: string;
  readonly page: PageBundle;
  /** Takes one line for the person who started the server. */
  readonly warn: (message: string) => void;
}

const mostBodyBytes = 1024 * 1024;

/** The dashboard's server, which does not listen yet. */
export async function createDashboard(options: DashboardOptions): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: mostBodyBytes,
    forceCloseConnections: true,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true } },
  });
  await app.register(compress, { encodings: ["gzip"], threshold: 1024 });
  answerErrors(app, options.warn);
  setSecurityHeaders(app);
  pageRoutes(app, options.page);
  infoRoutes(app, options);
  return app;
}
