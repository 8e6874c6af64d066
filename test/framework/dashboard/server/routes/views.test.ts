import { readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { dashboards } from "../../../../support/dashboard.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";

describe("/api/views", () => {
  const folder = temporaryFolder();
  const open = dashboards();

  it("keeps addresses by name, in a file beside the runs", async () => {
    const { get, send } = await open(folder.path("runs"));
    expect((await get("/api/views")).json).to.deep.equal([]);
    const name = "b <i>/ü</i>";
    await send("PUT", `/api/views/${encodeURIComponent(name)}`, { address: "/runs?filter=x" });
    await send("PUT", "/api/views/a", { address: "/old" });
    const { json } = await send("PUT", "/api/views/a", { address: "/new" });
    const views = [
      { name: "a", address: "/new" },
      { name, address: "/runs?filter=x" },
    ];
    expect(json).to.deep.equal(views);
    expect(JSON.parse(readFileSync(folder.path("runs", "views.json"), "utf8"))).to.deep.equal({
      views,
    });
    expect((await send("DELETE", "/api/views/a")).json).to.deep.equal(views.slice(1));
    expect((await send("DELETE", "/api/views/a")).status).to.equal(404);
  });

  it("says when somebody has damaged the file, and leaves it as it is", async () => {
    folder.write({ "views.json": "{" });
    const { get, send } = await open(folder.path());
    for (const { status, json } of [
      await get("/api/views"),
      await send("PUT", "/api/views/a", { address: "/" }),
    ]) {
      expect(status).to.equal(400);
      expect(json.error).to.include("views.json: expected views with a name and an address");
    }
    expect(readFileSync(folder.path("views.json"), "utf8")).to.equal("{");
  });

  it("refuses an address that is none, or too long", async () => {
    const { send } = await open(folder.path());
    for (const body of [{}, { address: 1e6 + "x".repeat(100_000) }, { address: "/", more: 1 }]) {
      expect((await send("PUT", "/api/views/a", body)).status).to.equal(400);
    }
  });
});
