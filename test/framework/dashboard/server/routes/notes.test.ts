import { readFileSync, rmSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { generateRuns } from "../../../../browser/support/generateRuns.ts";
import { dashboards } from "../../../../support/dashboard.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";

const url = "/api/runs/r0000000/notes";

describe("POST /api/runs/:run/notes", () => {
  const folder = temporaryFolder();
  const open = dashboards();
  const file = (): string => folder.path("tuning", "r0000000", "notes.json");
  beforeEach(() => generateRuns({ folder: folder.path(), count: 1 }));

  it("changes what is named, and answers with the run as it is then", async () => {
    const { send } = await open(folder.path());
    await send("POST", url, { tags: ["best"], starred: true });
    const { json } = await send("POST", url, {
      notes: "<img src=x onerror=alert(1)> ünïcode",
      title: "The one",
      colour: "#12ab9f",
    });
    expect(json).to.deep.include({
      tags: ["best"],
      starred: true,
      archived: false,
      notes: "<img src=x onerror=alert(1)> ünïcode",
      title: "The one",
      colour: "#12ab9f",
    });
    expect(JSON.parse(readFileSync(file(), "utf8"))).to.include({ name: "The one", starred: true });
  });

  it("takes an empty title, or null, for none", async () => {
    const { send } = await open(folder.path());
    for (const title of ["", null]) {
      await send("POST", url, { title: "x" });
      expect((await send("POST", url, { title })).json.title).to.equal(null);
    }
  });

  for (const body of [
    { starred: "maybe" },
    { tags: "best" },
    { tags: ["two\nlines"] },
    { colour: "red" },
    { notes: "x".repeat(100_001) },
    { unknown: 1 },
  ]) {
    it(`refuses ${JSON.stringify(body).slice(0, 40)}, and changes nothing`, async () => {
      const { send, get } = await open(folder.path());
      expect((await send("POST", url, body)).status).to.equal(400);
      expect((await get("/api/runs/r0000000")).json.run.tags).to.deep.equal([]);
    });
  }

  it("loses nothing of a file that somebody has damaged", async () => {
    writeFileSync(file(), "{");
    const { send } = await open(folder.path());
    const { status, json } = await send("POST", url, { starred: true });
    expect([status, readFileSync(file(), "utf8")]).to.deep.equal([400, "{"]);
    expect(json.error).to.include("mend it or remove it");
  });

  it("says when the run was deleted meanwhile", async () => {
    const { send } = await open(folder.path());
    rmSync(folder.path("tuning"), { recursive: true });
    const { status, json } = await send("POST", url, { starred: true });
    expect(status).to.be.oneOf([400, 404]);
    expect(json.error).to.be.a("string");
  });
});
