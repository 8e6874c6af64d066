import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { generateRuns } from "../../../../browser/support/generateRuns.ts";
import { dashboards } from "../../../../support/dashboard.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";

const [first, second] = ["r0000000", "r0000001"];

describe("GET /api/runs/:run", () => {
  const folder = temporaryFolder();
  const open = dashboards();
  const runFolder = (key = first): string => folder.path("tuning", key);

  it("answers with the run, its spec, its manifest, its patch, and what it logged", async () => {
    await generateRuns({ folder: folder.path(), count: 1, withMedia: 1 });
    const { status, json } = await (await open(folder.path())).get(`/api/runs/${first}`);
    expect(status).to.equal(200);
    expect(json.run).to.include({ key: first, name: "tuning", status: "finished", step: 500 });
    expect(json.specYaml).to.equal(readFileSync(`${runFolder()}/spec.yaml`, "utf8"));
    expect(json.manifest).to.include({ id: first, seed: 0 });
    expect(json.gitPatch).to.include("+const rate = 0.01;");
    expect(json.media).to.deep.equal([
      { kind: "prCurve", key: "detector", steps: [100, 200, 300, 400, 500] },
      { kind: "text", key: "notes", steps: [100, 200, 300, 400, 500] },
      { kind: "table", key: "predictions", steps: [100, 200, 300, 400, 500] },
      { kind: "images", key: "samples", steps: [100, 200, 300, 400, 500] },
      { kind: "histogram", key: "weights/first", steps: [100, 200, 300, 400, 500] },
    ]);
  });

  it("says numbers that JSON does not have as words", async () => {
    await generateRuns({ folder: folder.path(), count: 1 });
    const line = { kind: "metrics", step: 999, epoch: 1, wallTimeSeconds: 1 };
    appendFileSync(
      `${runFolder()}/metrics.jsonl`,
      `${JSON.stringify({ ...line, metrics: { odd: "NaN", big: "Infinity" } })}\n`,
    );
    const { json } = await (await open(folder.path())).get(`/api/runs/${first}`);
    expect(json.run.metrics.odd).to.include({ last: "NaN", min: "NaN" });
    expect(json.run.metrics.big).to.include({ last: "Infinity" });
  });

  it("draws the runs that a run came from, and those that came from it", async () => {
    await generateRuns({ folder: folder.path(), count: 3 });
    const change = (key: string, artifacts: object[]): void => {
      const file = `${runFolder(key)}/manifest.json`;
      const manifest: object = JSON.parse(readFileSync(file, "utf8"));
      writeFileSync(file, JSON.stringify({ ...manifest, artifacts }));
    };
    const made = {
      name: "last",
      type: "checkpoint",
      path: "checkpoints/last",
      direction: "output",
    };
    const used = { name: "start", type: "checkpoint", path: "x", direction: "input" };
    change(first, [{ ...made, sha256: "aa" }]);
    change(second, [
      { ...used, sha256: "aa" },
      { ...used, name: "base", sha256: "bb", from: { run: "elsewhere", path: "y" } },
    ]);
    const { json } = await (await open(folder.path())).get(`/api/runs/${second}`);
    expect(json.lineage).to.deep.equal({
      nodes: [
        { key: second, title: `tuning/${second}`, status: "finished", known: true },
        { key: first, title: `tuning/${first}`, status: "finished", known: true },
        { key: "elsewhere", title: "elsewhere", status: "finished", known: false },
      ],
      edges: [
        { from: first, to: second, artifact: "start" },
        { from: "elsewhere", to: second, artifact: "base" },
      ],
    });
  });

  it("answers 404 for a run that there never was, and for one that was deleted while open", async () => {
    await generateRuns({ folder: folder.path(), count: 2 });
    const { get, index } = await open(folder.path());
    expect((await get("/api/runs/nobody")).json).to.deep.equal({
      error: 'Cannot find run "nobody": it may have been deleted',
    });
    rmSync(runFolder(), { recursive: true });
    const torn = await get(`/api/runs/${first}`); // before anybody has noticed
    expect([torn.status, torn.json.specYaml, torn.json.manifest]).to.deep.equal([200, "", {}]);
    await index.refresh();
    expect((await get(`/api/runs/${first}`)).status).to.equal(404);
    expect((await get(`/api/runs/${second}`)).status).to.equal(200);
  });

  for (const url of ["/api/runs/..%2f..%2fetc%2fpasswd", "/api/runs/%00", "/api/runs/__proto__"]) {
    it(`takes ${url} as a key that nothing has`, async () => {
      await generateRuns({ folder: folder.path(), count: 1 });
      expect((await (await open(folder.path())).get(url)).status).to.equal(404);
    });
  }

  it("shows what a damaged run still has", async () => {
    await generateRuns({ folder: folder.path(), count: 1 });
    appendFileSync(
      `${runFolder()}/metrics.jsonl`,
      'not JSON\n{"kind":"text","step":7,"key":"a","te',
    );
    expect(readdirSync(runFolder())).to.include("spec.yaml");
    rmSync(`${runFolder()}/spec.yaml`);
    const { status, json } = await (await open(folder.path())).get(`/api/runs/${first}`);
    expect(status).to.equal(200);
    expect(json).to.deep.include({ specYaml: "", media: [] });
    expect(json.run.problems).to.not.deep.equal([]);
  });
});
