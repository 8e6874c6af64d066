import { once } from "node:events";

import type { FastifyReply } from "fastify";

/** An event of a stream: its data, and its name where it has one. */
export interface StreamEvent {
  readonly name?: string;
  readonly data: string;
}

/**
 * Answers with server-sent events as they come, no faster than the client reads. An error in between
 * becomes the last event; a client that leaves ends the events.
 */
export async function sendEvents(
  reply: FastifyReply,
  events: AsyncIterable<StreamEvent>,
  errorEvent: (error: unknown) => StreamEvent,
): Promise<void> {
  const { raw } = reply;
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) raw.setHeader(name, value ?? "");
  raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
  });
  const send = async ({ name, data }: StreamEvent): Promise<void> => {
    const lines = `${name === undefined ? "" : `event: ${name}\n`}data: ${data}\n\n`;
    if (!raw.write(lines) && !raw.destroyed) {
      await Promise.race([once(raw, "drain"), once(raw, "close")]);
    }
  };
  try {
    for await (const event of events) {
      await send(event);
      if (raw.destroyed) return;
    }
  } catch (error) {
    if (!raw.destroyed) await send(errorEvent(error));
  } finally {
    raw.end();
  }
}
