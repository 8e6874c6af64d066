import { hostname } from "node:os";

import { expect } from "chai";
import { describe, it } from "mocha";

import { dashboards } from "../../../support/dashboard.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

describe("guard()", () => {
  const folder = temporaryFolder();
  const open = dashboards();

  describe("on this machine alone", () => {
    for (const host of ["localhost:4600", "127.0.0.1", "[::1]:4600", "LOCALHOST"]) {
      it(`answers to ${host}`, async () => {
        const { get } = await open(folder.path());
        expect((await get("/api/info", { host })).status).to.equal(200);
      });
    }

    for (const host of [
      "evil.example:4600",
      "10.0.0.7:4600",
      hostname(),
      "127.0.0.1.evil.example",
    ]) {
      it(`does not answer to ${host}, as a rebound name would be`, async () => {
        const { get } = await open(folder.path());
        const { status, json } = await get("/api/info", { host });
        expect(status).to.equal(403);
        expect(json.error).to.include("Cannot answer for the name");
      });
    }

    for (const { headers, expected } of [
      { headers: { origin: "http://localhost:4600" }, expected: 200 },
      { headers: { "sec-fetch-site": "same-origin" }, expected: 200 },
      { headers: { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" }, expected: 200 },
      { headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, expected: 200 },
      { headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }, expected: 403 },
      { headers: { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }, expected: 403 },
      { headers: { origin: "http://evil.example" }, expected: 403 },
      { headers: { origin: "http://localhost:8888" }, expected: 403 },
      { headers: { origin: "null" }, expected: 403 },
    ]) {
      it(`answers ${expected} to ${JSON.stringify(headers)}`, async () => {
        const { get } = await open(folder.path());
        const { status } = await get("/api/info", { host: "localhost:4600", ...headers });
        expect(status).to.equal(expected);
      });
    }

    it("lets no other page send anything, by a form's navigation either", async () => {
      const { send } = await open(folder.path());
      const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
      const { status } = await send("PUT", "/api/views/a", { address: "/" }, headers);
      expect(status).to.equal(403);
    });
  });

  describe("where others can reach the server", () => {
    const host = "0.0.0.0";
    const accessToken = "correct-horse-battery-staple";

    it("answers to addresses and to the machine's name, and to no other name", async () => {
      const { get } = await open(folder.path(), { host });
      for (const { name, expected } of [
        { name: "10.0.0.7:4600", expected: 200 },
        { name: "[fe80::1]:4600", expected: 200 },
        { name: `${hostname()}:4600`, expected: 200 },
        { name: "evil.example:4600", expected: 403 },
      ]) {
        expect([name, (await get("/api/info", { host: name })).status]).to.deep.equal([
          name,
          expected,
        ]);
      }
    });

    it("asks everyone for the token, for pages and for data", async () => {
      const { get, warned } = await open(folder.path(), { host, accessToken });
      for (const url of ["/", "/api/info", "/api/events", "/?token=wrong", "/nothing"]) {
        const { status, json } = await get(url);
        expect([url, status]).to.deep.equal([url, 403]);
        expect(json.error).to.include("the token that seedbed ui printed");
      }
      expect(warned).to.deep.equal([]);
    });

    it("takes it from the address once, and hides it in a cookie", async () => {
      const { get } = await open(folder.path(), { host, accessToken });
      const entry = await get(`/?token=${accessToken}&a=1`, { host: "10.0.0.7:4600" });
      expect([entry.status, entry.headers["location"]]).to.deep.equal([302, "/?a=1"]);
      const [cookie, ...rules] = String(entry.headers["set-cookie"]).split("; ");
      expect(rules).to.include.members(["HttpOnly", "SameSite=Lax"]);
      const page = await get("/", { host: "10.0.0.7:4600", cookie: `other=1; ${cookie}` });
      expect(page.status).to.equal(200);
    });

    it("leads nobody to another host", async () => {
      const { get } = await open(folder.path(), { host, accessToken });
      const { headers } = await get(`//evil.example/?token=${accessToken}`, { host: "10.0.0.7" });
      expect(headers["location"]).to.match(/^\/(?!\/)/);
    });

    it("takes it from programs as a bearer token", async () => {
      const { get } = await open(folder.path(), { host, accessToken });
      const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
      expect((await get("/api/info", bearer(accessToken))).status).to.equal(200);
      expect((await get("/api/info", bearer(`${accessToken}x`))).status).to.equal(403);
    });
  });
});
