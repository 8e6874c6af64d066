import { once } from "node:events";
import type { ServerResponse } from "node:http";

import type { FastifyInstance, FastifyReply } from "fastify";

/** An event of a stream: its data, and its name where it has one. */
export interface StreamEvent {
  readonly name?: string;
  readonly data: string;
}

export interface StreamOptions {
  /** While nothing is said, a comment says so often that the stream is alive. Default: 15 s. */
  readonly heartbeatMs?: number;
  /** For so long a client may read nothing of what is sent to it. Default: 60 s. */
  readonly stallMs?: number;
}

declare module "fastify" {
  interface FastifyInstance {
    streamOptions: Required<StreamOptions>;
  }
}

/** Sets how patient a server's streams are. */
export function timeStreams(
  app: FastifyInstance,
  { heartbeatMs = 15_000, stallMs = 60_000 }: StreamOptions,
): void {
  app.decorate("streamOptions", { heartbeatMs, stallMs });
}

/**
 * Answers with server-sent events as they come, no faster than the client reads. An error in between
 * becomes the last event; a client that leaves, or stops to read, ends the events.
 */
export async function sendEvents(
  reply: FastifyReply,
  events: AsyncIterable<StreamEvent>,
  errorEvent: (error: unknown) => StreamEvent,
): Promise<void> {
  const { raw } = reply;
  const { heartbeatMs, stallMs } = reply.server.streamOptions;
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) raw.setHeader(name, value ?? "");
  raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
  });
  raw.flushHeaders();
  const heartbeat = setInterval(() => {
    if (!raw.writableNeedDrain) raw.write(": ping\n\n");
  }, heartbeatMs);
  const send = async ({ name, data }: StreamEvent): Promise<void> => {
    heartbeat.refresh();
    const lines = `${name === undefined ? "" : `event: ${name}\n`}data: ${data}\n\n`;
    if (!raw.write(lines) && !raw.destroyed) await drained(raw, stallMs);
  };
  try {
    for await (const event of events) {
      await send(event);
      if (raw.destroyed) return;
    }
  } catch (error) {
    if (!raw.destroyed) await send(errorEvent(error));
  } finally {
    clearInterval(heartbeat);
    raw.end();
  }
}

/** Ends when a client has read what was sent, or its connection is closed, which it is after a while. */
async function drained(raw: ServerResponse, stallMs: number): Promise<void> {
  const over = new AbortController();
  const timer = setTimeout(() => raw.destroy(), stallMs);
  try {
    const { signal } = over;
    await Promise.race([once(raw, "drain", { signal }), once(raw, "close", { signal })]);
  } finally {
    clearTimeout(timer);
    over.abort(); // takes the other listener away
  }
}
