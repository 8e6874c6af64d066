import type { FastifyInstance, FastifyRequest } from "fastify";

import { foreignRequest } from "../web/server/foreignRequest.ts";
import { bearerToken } from "../web/server/secrets.ts";
import { ApiError } from "./apiError.ts";
import type { ApiKey } from "./keys/apiKey.ts";
import type { KeyRing } from "./keys/keyRing.ts";
import type { KeyLimits } from "./limits/keyLimits.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether everyone may ask, without a key. */
    isOpen?: boolean;
  }
  interface FastifyRequest {
    /** The key that it came with, where keys are asked for. */
    apiKey: ApiKey | undefined;
  }
}

export interface AdmitOptions {
  /** Address that the server listens on. */
  readonly host: string;
  /** Undefined: nobody is asked for a key. */
  readonly keys: KeyRing | undefined;
  readonly limits: KeyLimits;
}

/**
 * Refuses requests without a key, and more of them than a key may send. Where nobody is asked for a
 * key, refuses what other web pages may make a browser ask for; none of them knows a key.
 */
export function admitRequests(app: FastifyInstance, { host, keys, limits }: AdmitOptions): void {
  app.decorateRequest("apiKey", undefined);
  app.addHook("onRequest", async (request, reply) => {
    if (!keys) return refuseForeign(request, host);
    if (request.routeOptions.config.isOpen === true) return;
    const key = findKey(keys, request);
    request.apiKey = key;
    try {
      limits.takeRequest(key);
    } finally {
      reply.headers(limits.headers(key));
    }
  });
}

function refuseForeign(request: FastifyRequest, host: string): void {
  const problem = foreignRequest(request, host);
  if (problem === undefined) return;
  throw new ApiError(problem, { status: 403, code: "foreign_request" });
}

function findKey(keys: KeyRing, request: FastifyRequest): ApiKey {
  const given = bearerToken(request);
  const key = keys.find(given);
  if (key) return key;
  throw new ApiError(
    given === ""
      ? "You did not provide an API key. Send one as Authorization: Bearer YOUR_KEY."
      : "Incorrect API key provided.",
    { status: 401, code: "invalid_api_key" },
  );
}
