import type { FastifyReply, FastifyRequest } from "fastify";

import type { AnswerRecord, AnswerStart, Asker } from "./asker.ts";
import type { KeyLimits } from "./limits/keyLimits.ts";
import type { ServerMetrics } from "./metrics/serverMetrics.ts";

export interface AskerOptions {
  readonly limits: KeyLimits;
  readonly metrics: ServerMetrics;
}

declare module "fastify" {
  interface FastifyRequest {
    /** The model that answers it; "" where none does. */
    answeredBy: string;
  }
}

/** The name of a request's key; "" without keys. */
export const ownerOf = ({ apiKey }: Pick<FastifyRequest, "apiKey">): string => apiKey?.name ?? "";

/** Who sent a request: its answers are held against the limits of its key, and measured. */
export function requestAsker(
  request: FastifyRequest,
  reply: FastifyReply,
  { limits, metrics }: AskerOptions,
): Asker {
  const left = new AbortController();
  if (reply.raw.destroyed) left.abort();
  reply.raw.once("close", () => left.abort());
  const key = request.apiKey;
  const startedMs = performance.now() - reply.elapsedTime; // Fastify's own clock stops with the reply
  return {
    signal: left.signal,
    owner: ownerOf(request),
    begin(start) {
      request.answeredBy = start.model;
      const settle = key && limits.reserveTokens(key, mostTokens(start));
      if (key) reply.headers(limits.headers(key));
      const times = tokenTimes(start.model, {
        metrics,
        sinceMs: () => performance.now() - startedMs,
      });
      return {
        token: times,
        end(usage) {
          settle?.(usage.promptTokens + usage.completionTokens);
          metrics.answer(start.model, usage);
        },
      };
    },
  };
}

const mostTokens = ({ promptTokens, mostCompletionTokens }: AnswerStart): number =>
  promptTokens + mostCompletionTokens;

/** Measures when tokens come: the first of all choices, and then each after the one before it. */
function tokenTimes(
  model: string,
  { metrics, sinceMs }: { metrics: ServerMetrics; sinceMs: () => number },
): AnswerRecord["token"] {
  const last = new Map<number, number>();
  return (choice) => {
    const now = sinceMs();
    const before = last.get(choice);
    if (before !== undefined) metrics.nextToken(model, (now - before) / 1000);
    else if (last.size === 0) metrics.firstToken(model, now / 1000);
    last.set(choice, now);
  };
}
