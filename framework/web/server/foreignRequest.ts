import { isIP } from "node:net";
import { hostname } from "node:os";

import type { FastifyRequest } from "fastify";

const loopback = ["localhost", "127.0.0.1", "[::1]"];

/** Whether an address can be reached from this machine alone. */
export const isLoopback = (host: string): boolean =>
  host === "::1" || loopback.includes(host) || /^127\.\d+\.\d+\.\d+$/.test(host);

/**
 * Why a request is none of ours, but one that another web page made a browser ask: under a name that
 * is not the server's, which is what DNS rebinding does, or with another origin.
 *
 * @param host address that the server listens on
 * @returns undefined for one that may be answered
 */
export function foreignRequest(request: FastifyRequest, host: string): string | undefined {
  return foreignName(request, host) ?? foreignOrigin(request);
}

function foreignName({ headers }: FastifyRequest, host: string): string | undefined {
  const name = nameOf(headers.host ?? "");
  if (loopback.includes(name) || name === host.toLowerCase()) return undefined;
  if (!isLoopback(host) && (isAddress(name) || isThisMachine(name))) return undefined;
  return `Cannot answer for the name ${JSON.stringify(name)}: use the address that was printed when the server started`;
}

/** `Host` without its port, in lower case. */
const nameOf = (host: string): string => host.replace(/:\d+$/, "").toLowerCase();

/** No name server is asked for an address, so it cannot be rebound. */
const isAddress = (name: string): boolean => isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0;

function isThisMachine(name: string): boolean {
  const own = hostname().toLowerCase();
  return name === own || name.split(".")[0] === own.split(".")[0];
}

function foreignOrigin({ headers, method }: FastifyRequest): string | undefined {
  const isReading = method === "GET" || method === "HEAD";
  const site = headers["sec-fetch-site"];
  const isOwn = site === undefined || site === "same-origin" || site === "none";
  const mayFollowLink = isReading && headers["sec-fetch-mode"] === "navigate";
  const isSame = headers.origin === undefined || hostOf(headers.origin) === headers.host;
  if (isSame && (isOwn || mayFollowLink)) return undefined;
  return "Cannot answer another web page: open the server's own";
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
