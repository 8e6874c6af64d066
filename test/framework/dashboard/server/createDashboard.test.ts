import { gunzipSync } from "node:zlib";

import { expect } from "chai";
import { describe, it } from "mocha";

import { dashboardPage } from "../../../../framework/dashboard/server/createDashboard.ts";
import { bundlePage } from "../../../../framework/web/server/bundlePage.ts";
import { dashboards } from "../../../support/dashboard.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

describe("createDashboard()", () => {
  const folder = temporaryFolder();
  const open = dashboards();

  it("serves a page whose files have a hash in their names and may be kept for ever", async () => {
    const { get } = await open(folder.path("runs"), { page: await bundlePage(dashboardPage) });
    const page = await get("/");
    const [, script = ""] = /<script type="module" src="([^"]+)"/.exec(String(page.bytes)) ?? [];
    expect(script).to.match(/^\/assets\/main-[0-9a-f]{12}\.js$/);
    const { status, headers } = await get(script);
    expect(status).to.equal(200);
    expect(headers["cache-control"]).to.equal("public, max-age=31536000, immutable");
    expect(headers["content-type"]).to.equal("text/javascript; charset=utf-8");
  });

  it("serves scripts compressed, in less than 500 kB", async () => {
    const { get } = await open(folder.path("runs"), { page: await bundlePage(dashboardPage) });
    const [, script = ""] = /src="([^"]+)"/.exec(String((await get("/")).bytes)) ?? [];
    const { headers, bytes } = await get(script, { "accept-encoding": "gzip" });
    expect(headers["content-encoding"]).to.equal("gzip");
    expect(bytes.length).to.be.lessThan(500_000);
    expect(gunzipSync(bytes).length).to.be.greaterThan(bytes.length);
  });

  it("lets the page load from nowhere else, and nobody frame it", async () => {
    const { headers } = await (await open(folder.path("runs"))).get("/");
    expect(headers["content-security-policy"]).to.include("default-src 'self'");
    expect(headers["content-security-policy"]).to.include("frame-ancestors 'none'");
    expect(headers["x-content-type-options"]).to.equal("nosniff");
    expect(headers["referrer-policy"]).to.equal("no-referrer");
  });

  it("answers for folders that are not there yet", async () => {
    const { get } = await open(folder.path("runs"));
    expect((await get("/api/info")).json).to.deep.equal({
      version: "1.2.3",
      folders: [folder.path("runs")],
      actions: false,
      revision: 0,
      runs: 0,
    });
  });

  it("says what is not there, without the query", async () => {
    const { get, warned } = await open(folder.path("runs"));
    const { status, json } = await get("/api/nothing?token=secret");
    expect(status).to.equal(404);
    expect(json).to.deep.equal({ error: "Cannot GET /api/nothing: no such address" });
    expect(warned).to.deep.equal([]);
  });
});
