import { timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import { hostname } from "node:os";

import type { FastifyInstance, FastifyRequest } from "fastify";

import { RequestError } from "./requestError.ts";

export interface GuardOptions {
  /** Address that the server listens on. */
  readonly host: string;
  /** What everyone has to know who asks; undefined: nothing, since this machine alone can. */
  readonly accessToken: string | undefined;
}

const loopback = ["localhost", "127.0.0.1", "[::1]"];
const cookieDays = 30;

/** Whether an address can be reached from this machine alone. */
export const isLoopback = (host: string): boolean =>
  host === "::1" || loopback.includes(host) || /^127\.\d+\.\d+\.\d+$/.test(host);

/**
 * Refuses what other web pages may make a browser ask for: under a name that is not ours, which is
 * what DNS rebinding does, or with another origin. Where others than this machine can reach the
 * server, refuses who does not know the token: the address with `?token=` sets a cookie for it.
 */
export function guard(app: FastifyInstance, { host, accessToken }: GuardOptions): void {
  app.addHook("onRequest", async (request, reply) => {
    checkName(request, host);
    checkOrigin(request);
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

/** What stands behind `Authorization: Bearer`; "" where there is none. */
export function bearerToken({ headers }: FastifyRequest): string {
  return /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "";
}

/** Takes as long for a good guess as for a bad one. */
export function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function checkName({ headers }: FastifyRequest, host: string): void {
  const name = nameOf(headers.host ?? "");
  if (loopback.includes(name) || name === host.toLowerCase()) return;
  if (!isLoopback(host) && (isAddress(name) || isThisMachine(name))) return;
  throw new RequestError(
    403,
    `Cannot answer for the name ${JSON.stringify(name)}: open the dashboard at the address that seedbed ui printed`,
  );
}

/** `Host` without its port, in lower case. */
const nameOf = (host: string): string => host.replace(/:\d+$/, "").toLowerCase();

/** No name server is asked for an address, so it cannot be rebound. */
const isAddress = (name: string): boolean => isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0;

function isThisMachine(name: string): boolean {
  const own = hostname().toLowerCase();
  return name === own || name.split(".")[0] === own.split(".")[0];
}

function checkOrigin({ headers, method }: FastifyRequest): void {
  const isReading = method === "GET" || method === "HEAD";
  const site = headers["sec-fetch-site"];
  const isOwn = site === undefined || site === "same-origin" || site === "none";
  const mayFollowLink = isReading && headers["sec-fetch-mode"] === "navigate";
  const isSame = headers.origin === undefined || hostOf(headers.origin) === headers.host;
  if (isSame && (isOwn || mayFollowLink)) return;
  throw new RequestError(403, "Cannot answer another web page: open the dashboard itself");
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
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
