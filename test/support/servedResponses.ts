/** @file A server of one small model, asked by OpenAI's own client. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { FastifyInstance } from "fastify";
import OpenAI from "openai";

import { createServer } from "../../framework/serve/createServer.ts";
import {
  LanguageService,
  type LanguageServiceOptions,
} from "../../framework/serve/languageService.ts";
import type { ResponseStoreOptions } from "../../framework/serve/responses/responseStore.ts";
import { writeServedModel } from "./servedModel.ts";

export interface TestServer {
  readonly client: OpenAI;
  readonly service: LanguageService;
  /** Holds the model, and what the server keeps. */
  readonly folder: string;
  readonly responses: string;
  readonly warnings: readonly string[];
  /** Another server, of the same model and in place of this one, that keeps responses elsewhere. */
  restart(store?: Partial<ResponseStoreOptions>): Promise<void>;
  close(): Promise<void>;
}

/** Serves a model of a few thousand parameters, called `nano`, with a window of 512 tokens. */
export async function startTestServer(
  options: Partial<LanguageServiceOptions> = {},
): Promise<TestServer> {
  const folder = mkdtempSync(path.join(tmpdir(), "responses-"));
  await writeServedModel(folder);
  const service = LanguageService.open(folder, {
    name: "nano",
    drawSeed: () => 1,
    rows: 4,
    ...options,
  });
  const warnings: string[] = [];
  const responses = path.join(folder, "responses");
  const start = async (store: Partial<ResponseStoreOptions> = {}) => {
    const app = createServer({
      services: [service],
      responseStore: { folder: responses, ...store },
      warn: (line) => warnings.push(line),
    });
    const baseURL = `${await app.listen({ host: "127.0.0.1", port: 0 })}/v1`;
    return { app, client: new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 }) };
  };
  let now: { app: FastifyInstance; client: OpenAI } = await start();
  return {
    ...{ service, folder, responses, warnings },
    get client() {
      return now.client;
    },
    async restart(store) {
      await now.app.close();
      now = await start(store);
    },
    async close() {
      await now.app.close();
      await service.close();
      rmSync(folder, { recursive: true });
    },
  };
}
