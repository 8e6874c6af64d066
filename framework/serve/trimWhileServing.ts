import type { FastifyInstance } from "fastify";

import { trimMemoryAside } from "../base/trimMemory.ts";

export interface TrimOptions {
  /** Default: half a minute. */
  readonly everyMs?: number;
  readonly trim?: () => Promise<void>;
}

/**
 * Gives memory that requests took back to the system, now and then while requests come. Each leaves
 * small pieces between free ones, so that a server that ran for days would need more and more.
 */
export function trimWhileServing(app: FastifyInstance, options: TrimOptions = {}): void {
  const { everyMs = 30_000, trim = trimMemoryAside } = options;
  let wasAsked = false;
  let timer: NodeJS.Timeout | undefined;
  app.addHook("onRequest", async () => {
    wasAsked = true;
  });
  app.addHook("onListen", () => {
    timer = setInterval(() => {
      if (wasAsked) void trim();
      wasAsked = false;
    }, everyMs).unref();
  });
  app.addHook("onClose", () => clearInterval(timer));
}
