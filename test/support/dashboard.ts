import type { FastifyInstance } from "fastify";
import { afterEach } from "mocha";

import {
  createDashboard,
  type DashboardOptions,
} from "../../framework/dashboard/server/createDashboard.ts";
import { RunIndex } from "../../framework/store/runIndex.ts";
import type { PageBundle } from "../../framework/web/server/bundlePage.ts";

const page: PageBundle = { html: "<!doctype html><title>test</title>", files: new Map() };

/** What the server answered. */
export interface DashboardAnswer {
  readonly status: number;
  /** Of JSON; undefined for other content. */
  readonly json: any;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
}

export interface TestedDashboard {
  readonly app: FastifyInstance;
  readonly index: RunIndex;
  /** Lines for the person who started the server. */
  readonly warned: string[];
  readonly get: (
    url: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<DashboardAnswer>;
  /** With a body as JSON. */
  readonly send: (
    method: "POST" | "PUT" | "DELETE",
    url: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<DashboardAnswer>;
}

/** Starts servers that do not listen; each test's end closes them. */
export function dashboards(): (
  folder: string,
  options?: Partial<DashboardOptions>,
) => Promise<TestedDashboard> {
  const opened: TestedDashboard[] = [];
  afterEach(async () => {
    for (const { app, index } of opened.splice(0)) {
      await app.close();
      await index.close();
    }
  });
  return async (folder, options = {}) => {
    const index = await RunIndex.open({ folders: [folder], cacheFolder: null });
    const warned: string[] = [];
    const warn = (message: string): void => void warned.push(message);
    const app = await createDashboard({ index, version: "1.2.3", page, warn, ...options });
    const dashboard: TestedDashboard = {
      app,
      index,
      warned,
      get: async (url, headers = {}) => answerOf(await app.inject({ url, headers })),
      send: async (method, url, body, headers = {}) =>
        answerOf(await app.inject({ method, url, headers, ...(body && { payload: body }) })),
    };
    opened.push(dashboard);
    return dashboard;
  };
}

function answerOf(response: Awaited<ReturnType<FastifyInstance["inject"]>>): DashboardAnswer {
  const { statusCode, headers, rawPayload, body } = response;
  const isJson = String(headers["content-type"]).startsWith("application/json");
  return {
    status: statusCode,
    json: isJson ? JSON.parse(body) : undefined,
    headers,
    bytes: rawPayload,
  };
}
