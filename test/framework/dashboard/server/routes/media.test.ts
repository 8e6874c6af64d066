import { createHash } from "node:crypto";
import { appendFileSync, cpSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

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

    it("does not give a browser a picture that it would take its memory for", async () => {
      const image = { file: "media/x.png", width: 20_000, height: 20_000, sha256: "0".repeat(64) };
      log({ kind: "images", step: 900, key: "huge", images: [image] });
      const { json } = await (await open(folder.path())).get(url("images", "huge"));
      expect(json.images[0].url).to.equal(null);
      expect(json.images[0].problem).to.match(/^20000 × 20000 pixels are too many to show/);
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

describe("media of other programs' runs, as they are", () => {
  const folder = temporaryFolder();
  const open = dashboards();
  const fixtures = path.resolve(import.meta.dirname, "../../../../fixtures");

  it("are listed, answered and shown", async () => {
    const { get } = await open(path.join(fixtures, "wandb-media"));
    const { json } = await get("/api/runs/wb00media");
    expect(json.media.map(({ key }: { key: string }) => key)).to.include.members(["one", "h"]);
    expect(json.specYaml).to.match(/^lr: 0.1\n/);
    expect(json.manifest).to.deep.include({
      command: ["python", "/home/user/train.py", "--epochs", "2"],
    });
    const answer = (await get("/api/runs/wb00media/media?kind=images&key=one&step=1")).json;
    expect(answer.images[0]).to.include({ width: 4, height: 3, caption: "first 1", problem: null });
    const { bytes, headers } = await get(answer.images[0].url);
    expect(headers["content-type"]).to.equal("image/png");
    expect(createHash("sha256").update(bytes).digest("hex")).to.match(/^c6ff5fefa355/);
    const table = (await get("/api/runs/wb00media/media?kind=table&key=table&step=0")).json;
    expect(table.rows).to.deep.equal([
      [1, "x"],
      [null, "NaN"],
      [3.5, "<i>"],
    ]);
    const histograms = (await get("/api/runs/wb00media/histograms?key=h")).json.histograms;
    expect(histograms.map(({ counts }: { counts: number[] }) => counts)).to.deep.equal([
      [1, 2],
      [1, 3],
    ]);
    const console = (await get("/api/runs/wb00media/console?search=PROGRESS")).json;
    expect(console).to.deep.include({ total: 3 });
    expect(console.lines).to.deep.equal([
      { number: 1, time: 1_795_731_354.736426, stream: "stdout", text: "progress 2" },
    ]);
    const system = (await get("/api/runs/wb00media/system")).json;
    expect(system.metrics).to.deep.equal(["cpu", "memory_percent"]);
  });

  it("say why a picture is not shown", async () => {
    const place = folder.path("run");
    cpSync(path.join(fixtures, "wandb-media/offline-run-20261126_221554-wb00media"), place, {
      recursive: true,
    });
    rmSync(path.join(place, "files/media/images/one_1_c6ff5fefa355114f292b.png"));
    const { get } = await open(folder.path());
    const answer = (await get("/api/runs/wb00media/media?kind=images&key=one&step=1")).json;
    expect(answer.images[0]).to.deep.include({
      url: null,
      problem: "Cannot read media/images/one_1_c6ff5fefa355114f292b.png: there is no such file",
    });
  });

  it("come out of the middle of an event file", async () => {
    const { get } = await open(path.join(fixtures, "tensorboard-media"));
    const answer = (await get("/api/runs/tensors/media?kind=images&key=batch&step=10")).json;
    const { bytes, headers, status } = await get(answer.images[0].url);
    expect(status).to.equal(200);
    expect(headers).to.include({
      "content-type": "image/png",
      "x-content-type-options": "nosniff",
    });
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(answer.images[0].url).to.equal(`/api/runs/tensors/files/${sha256.slice(0, 32)}.png`);
    expect((await get(`/api/runs/tensors/files/${"0".repeat(32)}.png`)).status).to.equal(404);
  });
});
