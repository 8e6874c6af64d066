import { once } from "node:events";
import { connect } from "node:net";

import { expect } from "chai";
import Fastify from "fastify";
import { describe, it } from "mocha";

import { closeConnections } from "../../../framework/serve/closeConnections.ts";

describe("closeConnections()", () => {
  it("lets a server end though something is connected that has asked for nothing", async () => {
    const app = Fastify();
    closeConnections(app);
    const { port } = new URL(await app.listen({ host: "127.0.0.1", port: 0 }));
    const socket = connect(Number(port), "127.0.0.1");
    await Promise.all([once(socket, "connect"), once(app.server, "connection")]);
    const closed = once(socket, "close");
    await app.close();
    await closed;
    expect(socket.destroyed).to.equal(true);
  });
});
