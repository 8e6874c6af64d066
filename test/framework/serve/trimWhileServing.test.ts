import { mock } from "node:test";

import { expect } from "chai";
import Fastify from "fastify";
import { afterEach, beforeEach, describe, it } from "mocha";

import { trimWhileServing } from "../../../framework/serve/trimWhileServing.ts";

const everyMs = 1000;

describe("trimWhileServing()", () => {
  let trims = 0;
  const trim = async (): Promise<void> => {
    trims++;
  };

  beforeEach(() => {
    trims = 0;
    mock.timers.enable({ apis: ["setInterval"] });
  });
  afterEach(() => mock.timers.reset());

  it("gives memory back now and then while requests come", async () => {
    const app = Fastify();
    trimWhileServing(app, { everyMs, trim });
    await app.listen({ host: "127.0.0.1", port: 0 });
    mock.timers.tick(everyMs);
    expect(trims, "before the first request").to.equal(0);
    await app.inject("/");
    await app.inject("/");
    mock.timers.tick(everyMs);
    expect(trims, "after requests").to.equal(1);
    mock.timers.tick(5 * everyMs);
    expect(trims, "while nobody asks").to.equal(1);
    await app.inject("/");
    mock.timers.tick(everyMs);
    expect(trims, "after another").to.equal(2);
    await app.close();
  });

  it("ends with the server", async () => {
    const app = Fastify();
    trimWhileServing(app, { everyMs, trim });
    await app.listen({ host: "127.0.0.1", port: 0 });
    await app.inject("/");
    await app.close();
    mock.timers.tick(everyMs);
    expect(trims).to.equal(0);
  });
});
