import { appendFileSync } from "node:fs";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { generateRuns } from "../../../../browser/support/generateRuns.ts";
import { dashboards } from "../../../../support/dashboard.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";

const url = "/api/runs/r0000000/console";

describe("GET /api/runs/:run/console", () => {
  const folder = temporaryFolder();
  const open = dashboards();
  beforeEach(() => generateRuns({ folder: folder.path(), count: 2, withMedia: 1 }));

  it("answers with a part of the lines, and how many there are", async () => {
    const { json } = await (await open(folder.path())).get(`${url}?after=98&limit=2`);
    expect(json.total).to.equal(3000);
    expect(json.lines.map(({ number, stream, text }: any) => [number, stream, text])).to.deep.equal(
      [
        [98, "stdout", "step 98 of 3000"],
        [99, "stderr", "warning <b>99</b>: the loss rises"],
      ],
    );
  });

  it("finds lines with a text in whatever case, under their own numbers", async () => {
    const { get } = await open(folder.path());
    const { json } = await get(`${url}?search=WARNING&after=2000&limit=2`);
    expect(json.lines.map(({ number }: any) => number)).to.deep.equal([2099, 2199]);
  });

  it("goes on where it was when lines come, and shows a damaged one as it is", async () => {
    const { get } = await open(folder.path());
    await get(url);
    const file = folder.path("tuning", "r0000000", "console.jsonl");
    appendFileSync(file, 'torn {\n{"time":1,"stream":"stdout","text":"né"}\n{"time":2,"str');
    const { json } = await get(`${url}?after=3000`);
    expect(json).to.deep.equal({
      total: 3002,
      lines: [
        { number: 3000, time: 0, stream: "stderr", text: "torn {" },
        { number: 3001, time: 1, stream: "stdout", text: "né" },
      ],
    });
  });

  it("has no lines for a run that left none, or behind the last", async () => {
    const { get } = await open(folder.path());
    expect((await get("/api/runs/r0000001/console")).json).to.deep.equal({ total: 0, lines: [] });
    expect((await get(`${url}?after=9999`)).json.lines).to.deep.equal([]);
  });

  for (const query of ["after=-1", "limit=0", "limit=5001", "after=x", "nonsense=1"]) {
    it(`refuses ?${query}`, async () => {
      expect((await (await open(folder.path())).get(`${url}?${query}`)).status).to.equal(400);
    });
  }
});
