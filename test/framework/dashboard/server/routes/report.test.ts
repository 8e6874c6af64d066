import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { generateRuns } from "../../../../browser/support/generateRuns.ts";
import { dashboards } from "../../../../support/dashboard.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";

const url = "/api/report?runs=r0000000,r0000001,r0000003";

describe("GET /api/report", () => {
  const folder = temporaryFolder();
  const open = dashboards();
  beforeEach(() => generateRuns({ folder: folder.path(), count: 6 }));

  it("is one HTML file that needs no other: tables, curves with bands, differences, notes", async () => {
    const { get, send } = await open(folder.path());
    const notes = "look: <script>alert(1)</script>";
    await send("POST", "/api/runs/r0000000/notes", { notes, tags: ["best"] });
    const { status, headers, bytes } = await get(`${url}&title=A%20%26%20B`);
    const html = String(bytes);
    expect(status).to.equal(200);
    expect(headers).to.include({
      "content-type": "application/octet-stream", // saved, never shown as one of our pages
      "content-disposition": 'attachment; filename="report.html"',
    });
    expect(html).to.include("<title>A &amp; B</title>");
    expect(html).to.include("#best\nlook: &lt;script&gt;alert(1)&lt;/script&gt;");
    expect(html).to.not.match(/<script|<link|src="(?!data:)|href=/);
    expect(html.match(/<svg/g)).to.have.length(3); // train/loss, train/accuracy, val/loss
    expect(html).to.include("fill-opacity"); // the band of the two seeds
    for (const heading of ["Results", "Curves", "Settings that differ", "Notes"]) {
      expect(html).to.include(`<h2>${heading}</h2>`);
    }
  });

  it("takes runs that differ in their seed alone together, and names the others by their settings", async () => {
    const { get } = await open(folder.path());
    const html = String((await get(url)).bytes);
    const rows = [...html.matchAll(/<tr><th>([^<]*)<\/th><td>([^<]*)<\/td>/g)].slice(0, 2);
    expect(rows.map(([, label, count]) => [label, count])).to.deep.equal([
      ["name=adam", "2"],
      ["name=sgd", "1"],
    ]);
    expect(html).to.match(/\d <span class="deviation">|\d<span class="deviation"> ± /);
  });

  it("is Markdown with its charts inside", async () => {
    const { get } = await open(folder.path());
    const { headers, bytes } = await get(`${url}&format=markdown&metrics=val/loss`);
    const text = String(bytes);
    expect(headers["content-disposition"]).to.equal('attachment; filename="report.md"');
    expect(text).to.include("# Comparison of 3 runs");
    expect(text.match(/!\[val\/loss over step\]\(data:image\/svg\+xml;base64,/g)).to.have.length(1);
  });

  it("shows the last pictures of runs, also of other programs'", async () => {
    const fixtures = path.resolve(import.meta.dirname, "../../../../fixtures/wandb-media");
    const { get } = await open(fixtures);
    const html = String((await get("/api/report?runs=wb00media")).bytes);
    expect(html).to.include("<h2>Pictures</h2>").and.to.include("second, one, step 1");
    expect(html.match(/src="data:image\/png;base64,/g)).to.have.length(3);
    const markdown = String((await get("/api/report?runs=wb00media&format=markdown")).bytes);
    expect(markdown).to.include("![second, val/pair, step 1](data:image/png;base64,");
  });

  it("says NaN where a run ended with it", async () => {
    const file = folder.path("tuning", "r0000000", "metrics.jsonl");
    writeFileSync(
      file,
      `${readFileSync(file, "utf8").trimEnd().split("\n").slice(0, 19).join("\n")}\n`,
    );
    writeFileSync(
      file,
      '{"kind":"metrics","step":999,"epoch":1,"wallTimeSeconds":1,"metrics":{"train/loss":"NaN"}}\n',
      { flag: "a" },
    );
    const { get } = await open(folder.path());
    const html = String((await get("/api/report?runs=r0000000&metrics=train/loss")).bytes);
    expect(html).to.include("<td>NaN</td>");
  });

  it("refuses too many runs, unknown ones and formats", async () => {
    const { get } = await open(folder.path());
    expect((await get("/api/report")).status).to.equal(400);
    expect((await get("/api/report?runs=nobody")).status).to.equal(404);
    expect((await get(`${url}&format=pdf`)).status).to.equal(400);
    const many = Array.from({ length: 51 }, () => "r0000000").join(",");
    expect((await get(`/api/report?runs=${many}`)).status).to.equal(400);
  });
});
