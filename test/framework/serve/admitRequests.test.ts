import { expect } from "chai";
import { describe, it } from "mocha";

import { addKey } from "../../../framework/serve/keys/keyFile.ts";
import { KeyRing } from "../../../framework/serve/keys/keyRing.ts";
import { KeyLimits } from "../../../framework/serve/limits/keyLimits.ts";
import { languageServers } from "../../support/languageServer.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const createdAt = "2026-01-02T03:04:05.000Z";
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const warn = (): void => {};

describe("a server without keys", () => {
  const { open } = languageServers();

  it("answers programs and its own page, and no page of others", async () => {
    const { app } = await open();
    for (const [headers, status] of [
      [{ host: "localhost:8000" }, 200],
      [{ host: "127.0.0.1:8000", origin: "http://127.0.0.1:8000" }, 200],
      [{ host: "127.0.0.1:8000", "sec-fetch-mode": "cors" }, 200],
      [{ host: "rebound.example:8000" }, 403],
      [{ host: "localhost:8000", origin: "http://other.example" }, 403],
      [{ host: "localhost:8000", "sec-fetch-site": "cross-site" }, 403],
    ] as const) {
      for (const url of ["/v1/models", "/health", "/metrics", "/nothing"]) {
        const answer = await app.inject({ url, headers });
        const expected = status === 200 && url === "/nothing" ? 404 : status;
        expect([url, headers, answer.statusCode]).to.deep.equal([url, headers, expected]);
        if (status === 403) expect(answer.json().error.code).to.equal("foreign_request");
      }
    }
  });
});

describe("a server with keys", () => {
  const { open } = languageServers();
  const folder = temporaryFolder();

  /** A server that knows two keys. */
  async function withKeys(allowance: object = {}, nowMs: () => number = () => 0) {
    const file = folder.path("keys.json");
    const ada = addKey(file, { name: "ada", createdAt, ...allowance });
    const bob = addKey(file, { name: "bob", createdAt });
    const limits = new KeyLimits(nowMs);
    const server = await open({ keys: new KeyRing(file, { warn }), limits, host: "0.0.0.0" });
    return { ...server, ada, bob };
  }

  it("wants one for all but its health", async () => {
    const { url, ada } = await withKeys();
    expect((await fetch(`${url}/health`)).status).to.equal(200);
    for (const place of ["/v1/models", "/v1/models/nano", "/metrics", "/nothing"]) {
      const without = await fetch(`${url}${place}`);
      expect([place, without.status]).to.deep.equal([place, 401]);
      expect(without.headers.get("www-authenticate")).to.equal("Bearer");
      expect(await without.json()).to.have.nested.property("error.code", "invalid_api_key");
      const wrong = await fetch(`${url}${place}`, { headers: bearer(`${ada}x`) });
      expect(wrong.status).to.equal(401);
      expect(await wrong.json()).to.deep.equal({
        error: {
          ...{ message: "Incorrect API key provided.", type: "invalid_request_error" },
          ...{ param: null, code: "invalid_api_key" },
        },
      });
      const right = await fetch(`${url}${place}`, { headers: bearer(ada) });
      expect(right.status).to.equal(place === "/nothing" ? 404 : 200);
    }
  });

  it("reads nothing of a request without one", async () => {
    const { app } = await withKeys();
    const answer = await app.inject({
      ...{ method: "POST", url: "/v1/chat/completions", payload: "{" },
      headers: { "content-type": "application/json" },
    });
    expect(answer.statusCode).to.equal(401); // 400 if it had been read
  });

  it("answers under any name: no other page knows a key", async () => {
    const { app, ada } = await withKeys();
    const headers = { host: "models.example", ...bearer(ada) };
    expect((await app.inject({ url: "/v1/models", headers })).statusCode).to.equal(200);
  });

  it("holds each key to its requests, and says when the next may come", async () => {
    const clock = { ms: 0 };
    const { chat, ada, bob } = await withKeys({ requestsPerMinute: 2 }, () => clock.ms);
    for (const left of ["1", "0"]) {
      const answer = await chat({}, { headers: bearer(ada) });
      expect(answer.status).to.equal(200);
      expect(answer.headers.get("x-ratelimit-limit-requests")).to.equal("2");
      expect(answer.headers.get("x-ratelimit-remaining-requests")).to.equal(left);
      await answer.text();
    }
    const refused = await chat({}, { headers: bearer(ada) });
    expect(refused.status).to.equal(429);
    expect(refused.headers.get("retry-after")).to.equal("30");
    expect(refused.headers.get("retry-after-ms")).to.equal("30000");
    expect(refused.headers.get("x-ratelimit-reset-requests")).to.equal("1m0s");
    const { error } = await refused.json();
    expect(error).to.include({ type: "requests", param: null, code: "rate_limit_exceeded" });
    expect((await chat({}, { headers: bearer(bob) })).status).to.equal(200);
    clock.ms = 30_000;
    expect((await chat({}, { headers: bearer(ada) })).status).to.equal(200);
  });

  it("holds each key to its tokens, as they were really taken", async () => {
    const { chat, ada } = await withKeys({ tokensPerMinute: 1000 });
    const whole = await chat({ stream: false }, { headers: bearer(ada) });
    const { usage } = await whole.json();
    const during = Number(whole.headers.get("x-ratelimit-remaining-tokens"));
    expect(during).to.equal(1000 - usage.prompt_tokens - 4);
    const next = await chat({ max_tokens: 4000 }, { headers: bearer(ada) });
    expect(next.status).to.equal(200);
    const meanwhile = await chat({ stream: false }, { headers: bearer(ada) });
    const reserved = Number(next.headers.get("x-ratelimit-remaining-tokens"));
    expect(reserved).to.equal(during - 512);
    expect(meanwhile.status).to.equal(200);
    await next.text();
  });

  it("refuses answers once tokens are overdrawn", async () => {
    const { chat, ada } = await withKeys({ tokensPerMinute: 10 });
    await (await chat({}, { headers: bearer(ada) })).text();
    const refused = await chat({}, { headers: bearer(ada) });
    expect(refused.status).to.equal(429);
    expect(await refused.json()).to.have.nested.property("error.type", "tokens");
    expect(Number(refused.headers.get("retry-after-ms"))).to.be.above(60_000);
    expect(refused.headers.get("x-ratelimit-remaining-tokens")).to.equal("0");
  });

  it("lets the others in while one key's requests fill the queue", async () => {
    const { chat, ada, bob } = await withKeys();
    const flood = new AbortController();
    const many = await chat(
      { n: 60, max_tokens: 400 },
      { headers: bearer(ada), signal: flood.signal },
    );
    expect(many.status).to.equal(200);
    const more = await chat({ n: 60 }, { headers: bearer(ada) });
    expect(more.status).to.equal(429);
    expect(more.headers.get("retry-after-ms")).to.equal("1000");
    const other = await chat({ max_tokens: 2 }, { headers: bearer(bob) });
    expect(other.status).to.equal(200);
    expect(await other.text()).to.include("[DONE]");
    flood.abort();
  });
});
