import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { afterEach, describe, it } from "mocha";

import { InputError } from "../../../../../framework/base/errors.ts";
import { WandbApi } from "../../../../../framework/tracking/wandb/sync/api.ts";
import { TransientError } from "../../../../../framework/tracking/wandb/sync/retry.ts";
import { syncFolder } from "../../../../../framework/tracking/wandb/sync/syncFolder.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";
import { writeWandbFolder } from "../../../../support/wandbFolder.ts";
import {
  startWandbServer,
  type WandbServer,
  type WandbServerMode,
} from "../../../../support/wandbServer.ts";

const key = "0123456789abcdef0123456789abcdef01234567";

/** For many rows, which a busy machine takes longer to receive. */
const patientSeconds = 20;

describe("syncFolder()", () => {
  const folder = temporaryFolder();
  let server: WandbServer;
  afterEach(() => server.close());

  async function serve(mode: WandbServerMode, timeoutSeconds?: number): Promise<WandbApi> {
    server = await startWandbServer(mode);
    return apiTo(server.url, timeoutSeconds);
  }

  function apiTo(baseUrl: string, timeoutSeconds = 0.3): WandbApi {
    return new WandbApi({ baseUrl, key, timeoutSeconds, delaysSeconds: [0, 0.01] });
  }

  /** Of the one byte 0. */
  const picture = "media/images/picture_1_6e340b9cffb37a989ca5.png";
  const logOf = (run: string): string => path.join(run, "run-a1b2c3d4.wandb");
  const stepsAt = (): unknown[] => server.rows().map(({ _step }) => _step);
  const uploadCounts = (): Record<string, number> => {
    const puts = server.requests.filter(({ method }) => method === "PUT");
    const counts: Record<string, number> = {};
    for (const { path: place } of puts) counts[place] = (counts[place] ?? 0) + 1;
    return counts;
  };

  it("sends all that the folder holds", async () => {
    const api = await serve("ok");
    const run = writeWandbFolder(folder.path(), { exitCode: 3, info: { tags: ["t"], notes: "é" } });
    const result = await syncFolder(api, run);
    expect(result).to.deep.equal({
      url: `${server.url}/tester/tests/runs/a1b2c3d4`,
      rows: 3,
      files: 5,
    });
    expect(server.upserts[0]).to.deep.include({
      name: "a1b2c3d4",
      project: "tests",
      entity: null,
      groupName: "g",
      tags: ["t"],
      notes: "é",
    });
    expect(server.upserts[0]!["config"]).to.equal(
      '{"seed":{"value":7},"model":{"value":{"width":3}},"rate":{"value":NaN},"_wandb":{"value":{"m":[],"t":{}}}}',
    );
    expect(server.rows()[0]!["picture"]).to.include({ path: picture });
    expect(server.rows()[1]).to.deep.equal({
      loss: 20,
      _step: 2,
      _runtime: 2,
      _timestamp: 1_700_000_002,
    });
    expect(server.lines.get("wandb-events.jsonl")).to.deep.equal([
      '{"system.cpu":12,"_wandb":true,"_timestamp":1700000001,"_runtime":1}',
    ]);
    expect(server.lines.get("output.log")).to.deep.equal(["ERROR 2023-11-14T22:13:20.500 line 0"]);
    const summary = '{"loss":30,"_wandb":{"runtime":2}}';
    expect(server.lines.get("wandb-summary.json")).to.deep.equal([summary]);
    const texts = [...server.uploads].map(([name, bytes]) => [name, bytes.toString()]);
    expect(Object.fromEntries(texts)).to.deep.equal({
      "requirements.txt": "node==20.1.0\n",
      [picture]: "\0",
      "config.yaml": [
        "seed:\n  value: 7\nmodel:\n  value:\n    width: 3\nrate:\n  value: .nan\n",
        "_wandb:\n  value:\n    m: []\n    t: {}\n",
      ].join(""),
      "wandb-summary.json": summary,
      "output.log": "line 0\n",
    });
    expect(server.exitCodes).to.deep.equal([3]);
  });

  it("marks the folder as W&B's own uploader does, and leaves nothing else behind", async () => {
    const api = await serve("ok");
    const run = writeWandbFolder(folder.path());
    await syncFolder(api, run);
    expect(readFileSync(`${logOf(run)}.synced`, "utf8")).to.equal("");
    expect(existsSync(`${logOf(run)}.uploading.json`)).to.equal(false);
  });

  for (const mode of [
    "graphql503once",
    "fileStream500once",
    "fileStream429once",
    "fileStreamCut",
    "fileStreamCutAfter",
    "fileStreamHangs",
    "upload500once",
    "uploadCut",
  ] as const) {
    it(`gets over a server that is: ${mode}`, async () => {
      const api = await serve(mode);
      await syncFolder(api, writeWandbFolder(folder.path()));
      expect(stepsAt()).to.deep.equal([1, 2, 3]);
      expect(server.lines.get("output.log")).to.have.length(1);
      expect(server.uploads).to.have.keys(
        "requirements.txt",
        "config.yaml",
        "wandb-summary.json",
        "output.log",
        picture,
      );
      expect(server.exitCodes).to.deep.equal([0]);
    });
  }

  for (const [mode, type, words] of [
    ["graphql500", TransientError, "HTTP 500"],
    ["graphql401", InputError, "refuses the key"],
    ["graphql404", InputError, "sweep s1 not found"],
    ["graphqlErrors", InputError, "permission denied"],
    ["fileStream500", TransientError, "HTTP 500"],
    ["fileStream404", InputError, "HTTP 404, not found"],
    ["upload500", TransientError, "HTTP 500"],
    ["loginPage", InputError, "expected JSON"],
    ["silent", TransientError, "no answer in 0.3 seconds"],
  ] as const) {
    it(`tells of a server that is: ${mode}, and has every row there once when it is well again`, async () => {
      const api = await serve(mode);
      const run = writeWandbFolder(folder.path());
      const error = await syncFolder(api, run).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(type);
      expect(String(error)).to.include(words).and.not.include(key);
      expect(existsSync(`${logOf(run)}.synced`)).to.equal(false);
      server.mode = "ok";
      await syncFolder(api, run);
      expect(stepsAt()).to.deep.equal([1, 2, 3]);
      expect(server.exitCodes).to.deep.equal([0]);
      expect(existsSync(`${logOf(run)}.synced`)).to.equal(true);
    });
  }

  it("tells of a server that is not there", async () => {
    const api = await serve("ok");
    await server.close();
    const run = writeWandbFolder(folder.path());
    const error = await syncFolder(api, run).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(TransientError);
    expect(String(error)).to.include("connect ECONNREFUSED");
  });

  it("sends after an upload that was cut short only what the server has not confirmed", async () => {
    const api = await serve("upload500", patientSeconds);
    const steps = Array.from({ length: 5000 }, (_, i) => i);
    const run = writeWandbFolder(folder.path(), { steps });
    await syncFolder(api, run).catch(() => {});
    const rowsThen = server.sent.get("wandb-history.jsonl")!;
    expect(rowsThen).to.have.length(5000);
    server.mode = "ok";
    await syncFolder(api, run);
    expect(server.sent.get("wandb-history.jsonl")!.every((times) => times === 1)).to.equal(true);
    expect(server.sent.get("output.log")).to.deep.equal([1]);
    expect(stepsAt()).to.deep.equal(steps);
  });

  it("goes on within the rows where the connection broke", async () => {
    const api = await serve("fileStreamCut", patientSeconds);
    const steps = Array.from({ length: 5000 }, (_, i) => i);
    const run = writeWandbFolder(folder.path(), { steps });
    const impatient = new WandbApi({ baseUrl: server.url, key, delaysSeconds: [] });
    await syncFolder(impatient, run).catch(() => {});
    expect(stepsAt()).to.have.length(2000);
    await syncFolder(api, run);
    expect(stepsAt()).to.deep.equal(steps);
    expect(server.sent.get("wandb-history.jsonl")!.every((times) => times === 1)).to.equal(true);
  });

  it("does not upload files twice after one of them failed", async () => {
    const api = await serve("ok");
    const run = writeWandbFolder(folder.path());
    await syncFolder(api, run, { isRunning: true });
    await syncFolder(api, run);
    const counts = uploadCounts();
    expect(counts["/upload/requirements.txt"]).to.equal(1);
    expect(counts["/upload/config.yaml"], "made anew, since it may have changed").to.equal(2);
  });

  it("leaves a run open that goes on", async () => {
    const api = await serve("ok");
    const run = writeWandbFolder(folder.path(), { exitCode: null });
    await syncFolder(api, run, { isRunning: true });
    expect(stepsAt()).to.deep.equal([1, 2, 3]);
    expect(server.exitCodes).to.deep.equal([]);
    expect(existsSync(`${logOf(run)}.synced`)).to.equal(false);
  });

  it("ends a run as failed whose process was killed", async () => {
    const api = await serve("ok");
    await syncFolder(api, writeWandbFolder(folder.path(), { exitCode: null }));
    expect(server.exitCodes).to.deep.equal([1]);
  });

  describe("of a run that was resumed", () => {
    const write = (): [string, string] => [
      writeWandbFolder(folder.path(), { steps: [1, 2, 3, 4, 5] }),
      writeWandbFolder(folder.path(), { steps: [4, 5, 6], startingStep: 4 }),
    ];

    for (const order of [
      [0, 1],
      [1, 0, 1],
    ]) {
      it(`puts each step in one place, uploaded in order ${order.join(", ")}`, async () => {
        const api = await serve("ok");
        const runs = write();
        for (const i of order) await syncFolder(api, runs[i]!, { again: true });
        expect(stepsAt()).to.deep.equal([1, 2, 3, 4, 5, 6]);
        expect(server.lines.get("output.log")!.map((line) => line.slice(-6))).to.deep.equal([
          "line 0",
          "line 4",
        ]);
      });
    }

    it("counts rows once that several processes have written", async () => {
      const api = await serve("ok");
      const runs = [
        ...write(),
        writeWandbFolder(folder.path(), { steps: [6, 7], startingStep: 6 }),
      ];
      for (const run of runs) await syncFolder(api, run);
      expect(stepsAt()).to.deep.equal([1, 2, 3, 4, 5, 6, 7]);
    });

    it("asks the server where to go on when the earlier folders are gone", async () => {
      const api = await serve("ok");
      const [first, second] = write();
      await syncFolder(api, first);
      rmSync(first, { recursive: true });
      await syncFolder(api, second);
      expect(stepsAt()).to.deep.equal([1, 2, 3, 4, 5, 4, 5, 6]);
    });

    it("passes over an earlier folder that is damaged, whose rows were written again", async () => {
      const api = await serve("ok");
      const first = writeWandbFolder(folder.path(), { steps: [1, 2] });
      const bytes = readFileSync(logOf(first));
      bytes[20]! ^= 1;
      writeFileSync(logOf(first), bytes);
      const second = writeWandbFolder(folder.path(), { steps: [1, 2, 3], startingStep: 0 });
      await syncFolder(api, second);
      expect(stepsAt()).to.deep.equal([1, 2, 3]);
    });
  });

  it("uploads what W&B's own program wrote, but for files that are gone", async () => {
    const api = await serve("ok");
    const name = "offline-run-20261126_190000-wb00demo";
    const fixture = path.resolve(import.meta.dirname, "../../../../fixtures/wandb", name);
    cpSync(fixture, folder.path(name), { recursive: true });
    const warnings: string[] = [];
    await syncFolder(api, folder.path(name), { warn: (line) => warnings.push(line) });
    expect(server.rows().map(({ loss }) => loss)).to.deep.equal([1, 0.5]);
    const page = server.uploads.get("media/html/page_1_801859fb10f42a30095a.html")!;
    expect(page.toString()).to.include("<b>x</b>");
    expect(server.exitCodes).to.deep.equal([3]);
    expect(warnings).to.have.length(2);
    expect(warnings[0]).to.include("requirements.txt is gone");
    expect(warnings[1]).to.include("Cannot upload artifact model: w.bin is gone");
  });

  it("leaves out files that are gone, and says so", async () => {
    const api = await serve("ok");
    const run = writeWandbFolder(folder.path());
    rmSync(path.join(run, "files/requirements.txt"));
    const warnings: string[] = [];
    await syncFolder(api, run, { warn: (line) => warnings.push(line) });
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.match(/requirements\.txt is gone and is left out$/);
    expect(server.uploads).not.to.have.key("requirements.txt");
  });
});
