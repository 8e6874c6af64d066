import { gunzipSync } from "node:zlib";

import { expect } from "chai";
import type { FastifyInstance } from "fastify";
import { afterEach, before, beforeEach, describe, it } from "mocha";

import { bundlePage, type PageBundle } from "../../../../framework/dashboard/server/bundlePage.ts";
import { createDashboard } from "../../../../framework/dashboard/server/createDashboard.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

describe("createDashboard()", () => {
  const folder = temporaryFolder();
  const warned: string[] = [];
  let page: PageBundle;
  let app: FastifyInstance;

  before(async () => (page = await bundlePage()));
  beforeEach(async () => {
    app = await createDashboard({
      folders: [folder.path("runs")],
      version: "1.2.3",
      page,
      warn: (message) => warned.push(message),
    });
  });
  afterEach(() => app.close());

  it("serves a page whose files have a hash in their names and may be kept for ever", async () => {
    const { body } = await app.inject("/");
    const [, script = ""] = /<script type="module" src="([^"]+)"/.exec(body) ?? [];
    expect(script).to.match(/^\/assets\/main-[0-9a-f]{12}\.js$/);
    const { statusCode, headers } = await app.inject(script);
    expect(statusCode).to.equal(200);
    expect(headers["cache-control"]).to.equal("public, max-age=31536000, immutable");
    expect(headers["content-type"]).to.equal("text/javascript; charset=utf-8");
  });

  it("serves scripts compressed, in less than 500 kB", async () => {
    const [, script = ""] = /src="([^"]+)"/.exec((await app.inject("/")).body) ?? [];
    const request = { url: script, headers: { "accept-encoding": "gzip" } };
    const { headers, rawPayload } = await app.inject(request);
    expect(headers["content-encoding"]).to.equal("gzip");
    expect(rawPayload.length).to.be.lessThan(500_000);
    expect(gunzipSync(rawPayload).length).to.be.greaterThan(rawPayload.length);
  });

  it("lets the page load from nowhere else, and nobody frame it", async () => {
    const { headers } = await app.inject("/");
    expect(headers["content-security-policy"]).to.include("default-src 'self'");
    expect(headers["content-security-policy"]).to.include("frame-ancestors 'none'");
    expect(headers["x-content-type-options"]).to.equal("nosniff");
    expect(headers["referrer-policy"]).to.equal("no-referrer");
  });

  it("answers for folders that are not there yet", async () => {
    const { body } = await app.inject("/api/info");
    expect(JSON.parse(body)).to.deep.equal({
      version: "1.2.3",
      folders: [folder.path("runs")],
      actions: false,
      revision: 0,
      runs: 0,
    });
  });

  it("says what is not there, without the query", async () => {
    const { statusCode, body } = await app.inject("/api/nothing?token=secret");
    expect(statusCode).to.equal(404);
    expect(JSON.parse(body)).to.deep.equal({
      error: "Cannot GET /api/nothing: no such address",
    });
    expect(warned).to.deep.equal([]);
  });
});
