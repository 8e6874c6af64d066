import type { FastifyReply } from "fastify";

/** A silent connection is given up by proxies. */
const sendEveryMs = 15_000;

/** Server-sent events to one browser. */
export class EventStream {
  readonly #reply: FastifyReply;
  readonly #beat: NodeJS.Timeout;

  /** @param ended is called once, when the browser has gone or `end` was called */
  constructor(reply: FastifyReply, ended: () => void) {
    this.#reply = reply;
    reply.hijack();
    const headers = { ...reply.getHeaders(), "cache-control": "no-store" };
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    reply.raw.writeHead(200, { "content-type": "text/event-stream", "x-accel-buffering": "no" });
    reply.raw.write("retry: 1000\n\n");
    this.#beat = setInterval(() => reply.raw.write(": still here\n\n"), sendEveryMs).unref();
    reply.raw.on("close", () => {
      clearInterval(this.#beat);
      ended();
    });
  }

  send(event: string, data: unknown): void {
    this.#reply.raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    this.#reply.raw.end();
  }
}
