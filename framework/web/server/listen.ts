import { hostname } from "node:os";

import type { FastifyInstance } from "fastify";

import { InputError } from "../../base/errors.ts";

const defaultPort = 4600;
/** Ports that are tried, one after another, where none is asked for. */
const tries = 20;

export interface ListenOptions {
  readonly host: string;
  /** Undefined: `defaultPort`, or the next one that is free. */
  readonly port: number | undefined;
}

/**
 * Starts to listen.
 *
 * @returns the port
 * @throws {InputError} when the port that was asked for, or all of those that were tried, are taken
 */
export async function listen(app: FastifyInstance, { host, port }: ListenOptions): Promise<number> {
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new InputError(`Cannot listen on port ${port}: expected one from 0 to 65535`);
  }
  const first = port ?? defaultPort;
  const last = port === undefined ? first + tries - 1 : first;
  for (let candidate = first; candidate <= last; candidate++) {
    const taken = await listenAt(app, host, candidate);
    if (taken !== undefined) return taken;
  }
  throw new InputError(
    first === last
      ? `Cannot listen on ${host}:${first}: the port is in use; choose another with --port, or --port 0 for one that is free`
      : `Cannot listen on ${host}: the ports from ${first} to ${last} are in use; choose another with --port`,
  );
}

/** How a server is reached that listens there. */
export function addressOf(host: string, port: number): string {
  const isEverywhere = host === "0.0.0.0" || host === "::";
  const named = isEverywhere ? hostname() : host;
  return `http://${named.includes(":") ? `[${named}]` : named}:${port}`;
}

/** @returns the port, undefined when it is taken */
async function listenAt(
  app: FastifyInstance,
  host: string,
  port: number,
): Promise<number | undefined> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "EADDRINUSE") return undefined;
    throw new InputError(`Cannot listen on ${host}:${port}: ${String(code ?? cause)}`, { cause });
  }
  const address = app.server.address();
  return typeof address === "object" && address ? address.port : port;
}
