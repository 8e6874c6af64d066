import type { FastifyInstance, FastifyRequest } from "fastify";

import { foreignRequest } from "../../web/server/foreignRequest.ts";
import { bearerToken, isEqual } from "../../web/server/secrets.ts";
import { RequestError } from "./requestError.ts";

export interface GuardOptions {
  /** Address that the server listens on. */
  readonly host: string;
  /** What everyone has to know who asks; undefined: nothing, since this machine alone can. */
  readonly accessToken: string | undefined;
}

const cookieDays = 30;

/**
 * Refuses what other web pages may make a browser ask for: under a name that is not ours, which is
 * what DNS rebinding does, or with another origin. Where others than this machine can reach the
 * server, refuses who does not know the token: the address with `?token=` sets a cookie for it.
 */
export function guard(app: FastifyInstance, { host, accessToken }: GuardOptions): void {
  app.addHook("onRequest", async (request, reply) => {
    const problem = foreignRequest(request, host);
    if (problem !== undefined) throw new RequestError(403, problem);
    if (accessToken === undefined || isEqual(cookieOf(request), accessToken)) return;
    if (isEqual(bearerToken(request), accessToken)) return;
    const { path, query } = parts(request.url);
    if (!isEqual(query.get("token") ?? "", accessToken)) {
      throw new RequestError(
        403,
        "Cannot open the dashboard: use the address with the token that seedbed ui printed",
      );
    }
    const rules = `HttpOnly; SameSite=Lax; Path=/; Max-Age=${cookieDays * 86400}`;
    return reply
      .header("set-cookie", `${cookieName(request)}=${accessToken}; ${rules}`)
      .redirect(withoutToken(path, query));
  });
}

/** Cookies do not heed ports, and several dashboards may be open on one machine. */
const cookieName = ({ headers }: FastifyRequest): string =>
  `seedbed-${/:(\d+)$/.exec(headers.host ?? "")?.[1] ?? 80}`;

function cookieOf(request: FastifyRequest): string {
  const cookies = (request.headers.cookie ?? "").split("; ").map((each) => each.split("="));
  return cookies.find(([name]) => name === cookieName(request))?.[1] ?? "";
}

/** One slash in front: two would lead to another host. */
function parts(url: string): { path: string; query: URLSearchParams } {
  const [path = "", query = ""] = url.split("?", 2);
  return { path: path.replace(/^\/+/, "/"), query: new URLSearchParams(query) };
}

function withoutToken(path: string, query: URLSearchParams): string {
  query.delete("token");
  return query.size === 0 ? path : `${path}?${query}`;
}
