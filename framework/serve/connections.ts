import type { Server } from "node:http";
import type { Socket } from "node:net";

import type { FastifyHttpOptions, FastifyInstance } from "fastify";

import { ApiError } from "./apiError.ts";
import { closeConnections } from "./closeConnections.ts";

/** How patient a server is. */
export interface ConnectionOptions {
  /** For a request's headers. Default: 20 s. */
  readonly headersMs?: number;
  /** For a whole request, its body included. Default: 60 s. */
  readonly requestMs?: number;
  /** Between two looks for those that have taken too long. Default: 5 s. */
  readonly checkMs?: number;
  /** Connections at a time; more are closed at once. Default: 1024. */
  readonly mostConnections?: number;
}

/** Options of Fastify for connections. */
export function connectionOptions({
  headersMs = 20_000,
  requestMs = 60_000,
  checkMs = 5000,
}: ConnectionOptions): Pick<
  FastifyHttpOptions<Server>,
  "forceCloseConnections" | "requestTimeout" | "http" | "clientErrorHandler"
> {
  return {
    forceCloseConnections: "idle",
    requestTimeout: requestMs,
    http: { headersTimeout: headersMs, connectionsCheckingInterval: checkMs },
    clientErrorHandler: answerJunk,
  };
}

export function limitConnections(
  app: FastifyInstance,
  { mostConnections = 1024 }: ConnectionOptions,
): void {
  app.server.maxConnections = mostConnections;
  closeConnections(app);
}

const problems: Readonly<Record<string, readonly [status: number, reason: string, text: string]>> =
  {
    ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout", "The request took too long to arrive."],
    HPE_HEADER_OVERFLOW: [431, "Request Header Fields Too Large", "The headers are too large."],
  };

/**
 * Answers what is no request, and closes its connection. Where something else was sent there already,
 * an answer that is under way perhaps, nothing is put into it.
 */
function answerJunk(error: Error & { readonly code?: string }, socket: Socket): void {
  if (socket.destroyed) return;
  if (!socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const [status, reason, message] = problems[error.code ?? ""] ?? [
    ...([400, "Bad Request", "The request is not HTTP."] as const),
  ];
  const body = JSON.stringify(new ApiError(message, { status }).body);
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
