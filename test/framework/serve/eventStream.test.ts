import { connect } from "node:net";

import { expect } from "chai";
import Fastify from "fastify";
import { describe, it } from "mocha";

import { sendEvents, timeStreams, type StreamEvent } from "../../../framework/serve/eventStream.ts";
import { languageServers } from "../../support/languageServer.ts";

describe("sendEvents()", () => {
  const { open, service } = languageServers();

  /** Ends when nothing is answered any more. */
  async function idle(): Promise<void> {
    while (service().scheduler.report().running + service().scheduler.report().waiting > 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it("says that a stream is alive while it waits for a row", async () => {
    const { chat } = await open({ streams: { heartbeatMs: 10 } });
    const left = new AbortController();
    const both = await chat({ n: 2, max_tokens: 450, temperature: 0 }, { signal: left.signal });
    const waiting = await chat({ max_tokens: 2 });
    const reader = waiting.body!.pipeThrough(new TextDecoderStream()).getReader();
    let said = "";
    while (!said.includes(": ping\n\n")) said += (await reader.read()).value ?? "";
    expect(said).to.match(/^data: .*\n\n: ping\n\n/);
    left.abort();
    for (let part = await reader.read(); !part.done; part = await reader.read()) said += part.value;
    expect(said.endsWith("data: [DONE]\n\n")).to.equal(true);
    expect(both.status).to.equal(200);
    await idle();
  });

  it("closes the connection of one who reads nothing, and asks for no more events", async () => {
    const app = Fastify();
    timeStreams(app, { stallMs: 30 });
    let isOver = false;
    async function* endless(): AsyncGenerator<StreamEvent> {
      try {
        for (;;) yield { data: "x".repeat(1_000_000) };
      } finally {
        isOver = true;
      }
    }
    app.get("/", (_request, reply) => sendEvents(reply, endless(), () => ({ data: "" })));
    const { hostname, port } = new URL(await app.listen({ host: "127.0.0.1", port: 0 }));
    const socket = connect({ host: hostname, port: Number(port) });
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
    while (!isOver) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.resume(); // reads what was sent, and then that it is over
    await closed;
    await app.close();
  });
});
