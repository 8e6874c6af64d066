import { createHash } from "node:crypto";
import { appendFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { generateRuns } from "../../../../browser/support/generateRuns.ts";
import { dashboards } from "../../../../support/dashboard.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";

const run = "r0000000";

describe("media of a run", () => {
  const folder = temporaryFolder();
  const open = dashboards();
  const file = (...parts: string[]): string => folder.path("tuning", run, ...parts);
  const log = (record: object): void =>
    appendFileSync(file("metrics.jsonl"), `${JSON.stringify({ epoch: 0, ...record })}\n`);

  beforeEach(() => generateRuns({ folder: folder.path(), count: 1, withMedia: 1 }));

  describe("GET /api/runs/:run/media", () => {
    const url = (kind: string, key: string, step?: number): string =>
      `/api/runs/${run}/media?kind=${kind}&key=${key}${step === undefined ? "" : `&step=${step}`}`;

    it("answers with the record at the last step up to the one asked for", async () => {
      const { get } = await open(folder.path());
      for (const { step, expected } of [
        { step: 99, expected: undefined },
        { step: 100, expected: 100 },
        { step: 399.5, expected: 300 },
        { step: undefined, expected: 500 },
      ]) {
        expect((await get(url("text", "notes", step))).json.step).to.equal(expected);
      }
      expect((await get(url("text", "nothing"))).json).to.deep.equal({ kind: "none" });
    });

    it("hands on texts as they are: the page decides how to show them", async () => {
      const { json } = await (await open(folder.path())).get(url("text", "notes", 100));
      expect(json.text).to.equal("# Step 100\n\n<script>alert(1)</script>");
    });

    it("names pictures by their hashes", async () => {
      const { get } = await open(folder.path());
      const { json } = await get(url("images", "samples", 200));
      expect(json.images).to.have.length(4);
      const [image] = json.images;
      expect(image).to.include({ width: 32, height: 32, caption: "sample 0 <i>at 200</i>" });
      const { bytes, headers } = await get(image.url);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      expect(image.url).to.equal(`/api/runs/${run}/files/${sha256.slice(0, 32)}.png`);
      expect(headers).to.include({
        "content-type": "image/png",
        "x-content-type-options": "nosniff",
        "cache-control": "public, max-age=31536000, immutable",
      });
    });

    it("answers with tables, precision-recall curves and histograms", async () => {
      const { get } = await open(folder.path());
      expect((await get(url("table", "predictions", 100))).json).to.deep.include({
        columns: ["input", "score", "right"],
        rows: [
          ["image 0", 0, true],
          ["image 1", 100, false],
          ["image 2", 200, true],
        ],
      });
      const { json: curve } = await get(url("prCurve", "detector", 100));
      expect([curve.precision[0], curve.recall[0], curve.thresholds[0]]).to.deep.equal([0, 1, 0]);
      const { json: histogram } = await get(url("histogram", "weights%2Ffirst", 100));
      expect(histogram.edges).to.have.length(histogram.counts.length + 1);
    });

    it("takes the later of two records of one step, as a resumed run leaves them", async () => {
      log({ kind: "text", step: 300, key: "notes", text: "again" });
      const { get } = await open(folder.path());
      expect((await get(url("text", "notes", 350))).json.text).to.equal("again");
      expect((await get(url("text", "notes", 400))).json.step).to.equal(400);
    });

    it("sees what was logged since, and nothing of a half-written line", async () => {
      const { get } = await open(folder.path());
      await get(url("text", "notes"));
      const line = JSON.stringify({ kind: "text", step: 600, epoch: 6, key: "notes", text: "new" });
      appendFileSync(file("metrics.jsonl"), line.slice(0, 30));
      expect((await get(url("text", "notes"))).json.step).to.equal(500);
      appendFileSync(file("metrics.jsonl"), `${line.slice(30)}\n`);
      expect((await get(url("text", "notes"))).json).to.include({ step: 600, text: "new" });
    });

    it("forgets what it knew when the file was replaced", async () => {
      const { get } = await open(folder.path());
      await get(url("text", "notes"));
      rmSync(file("metrics.jsonl"));
      log({ kind: "text", step: 1, key: "notes", text: "all new" });
      expect((await get(url("text", "notes"))).json).to.include({ step: 1, text: "all new" });
    });

    it("forgets what it knew when the file was written anew, and is longer than before", async () => {
      const { get } = await open(folder.path());
      expect((await get(url("text", "notes"))).json.step).to.equal(500);
      const text = "x".repeat(statSync(file("metrics.jsonl")).size);
      const record = { kind: "text", step: 7, epoch: 0, key: "notes", text };
      writeFileSync(file("metrics.jsonl"), `${JSON.stringify(record)}\n`);
      expect((await get(url("text", "notes"))).json).to.deep.equal({ kind: "text", step: 7, text });
    });

    it("answers `none` for a record with parts missing", async () => {
      log({ kind: "histogram", step: 1, key: "torn", edges: [0, 1] });
      expect((await (await open(folder.path())).get(url("histogram", "torn"))).json).to.deep.equal({
        kind: "none",
      });
    });

    for (const query of ["", "kind=images", "kind=audio&key=a", "kind=text&key=a&step=x"]) {
      it(`refuses ?${query}`, async () => {
        const { get } = await open(folder.path());
        const { status, json } = await get(`/api/runs/${run}/media?${query}`);
        expect([status, typeof json.error]).to.deep.equal([400, "string"]);
      });
    }
  });

  describe("GET /api/runs/:run/histograms", () => {
    it("answers with all of a key, by step", async () => {
      const { get } = await open(folder.path());
      const { json } = await get(`/api/runs/${run}/histograms?key=weights%2Ffirst`);
      expect(json.histograms.map(({ step }: { step: number }) => step)).to.deep.equal([
        100, 200, 300, 400, 500,
      ]);
    });

    it("thins out more than can be drawn, from the first to the last", async () => {
      for (let step = 0; step < 1000; step++) {
        log({ kind: "histogram", step, key: "many", edges: [0, 1], counts: [step] });
      }
      const { get } = await open(folder.path());
      const { histograms } = (await get(`/api/runs/${run}/histograms?key=many`)).json;
      expect(histograms).to.have.length(200);
      expect([histograms[0].step, histograms.at(-1).step]).to.deep.equal([0, 999]);
    });
  });

  describe("GET /api/runs/:run/files/:file", () => {
    const hash = "0".repeat(64);
    const address = `/api/runs/${run}/files/${hash.slice(0, 32)}`;
    const logFile = (name: string): void =>
      log({
        kind: "images",
        step: 1,
        key: "given",
        images: [{ file: name, width: 1, height: 1, sha256: hash }],
      });

    it("answers with a part of a file, and not again with what the browser has", async () => {
      writeFileSync(file("a.png"), "0123456789");
      logFile("a.png");
      const { get } = await open(folder.path());
      const part = await get(`${address}.png`, { range: "bytes=2-4" });
      expect([part.status, String(part.bytes)]).to.deep.equal([206, "234"]);
      const { headers } = await get(`${address}.png`);
      const again = await get(`${address}.png`, { "if-none-match": String(headers["etag"]) });
      expect(again.status).to.equal(304);
    });

    for (const name of ["a.svg", "a.html", "a.js"]) {
      it(`never serves ${name}, which may run scripts`, async () => {
        writeFileSync(file(name), "<svg onload='alert(1)'/>");
        logFile(name);
        const { get } = await open(folder.path());
        const { status } = await get(`${address}${name.slice(1)}`);
        expect(status).to.be.oneOf([400, 403]);
      });
    }

    it("never leaves the run's folder, neither by the record's path nor by a link", async () => {
      folder.write({ "secret.png": "secret" });
      symlinkSync(folder.path("secret.png"), file("link.png"));
      for (const name of ["../../secret.png", "link.png"]) {
        logFile(name);
        const { get } = await open(folder.path());
        const { status, json } = await get(`${address}.png`);
        expect([name, status]).to.deep.equal([name, 403]);
        expect(json.error).to.not.include(folder.path());
      }
    });

    it("answers 404 for a picture that is gone, 400 for what is no name of one", async () => {
      logFile("gone.png");
      const { get } = await open(folder.path());
      expect((await get(`${address}.png`)).status).to.equal(404);
      expect((await get(`/api/runs/${run}/files/..%2f..%2fsecret.png`)).status).to.equal(400);
      expect((await get(`/api/runs/${run}/files/manifest.json`)).status).to.equal(400);
    });
  });
});
