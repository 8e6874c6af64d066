import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { before, describe, it } from "mocha";

import { wandbLogger, type WandbOptions } from "../../../../framework/tracking/loggers/wandb.ts";
import { wantsOnline } from "../../../../framework/tracking/wandb/online.ts";
import { readWandbRecords } from "../../../support/wandbReader.ts";
import {
  startWandbServer,
  type WandbRequest,
  type WandbServerMode,
} from "../../../support/wandbServer.ts";

const key = "0123456789abcdef0123456789abcdef01234567";
const at = (step: number) => ({ step, epoch: 0, wallTimeSeconds: 1000 + step });
const info = {
  runId: "a1b2c3d4",
  project: "tests",
  displayName: "shown",
  config: { seed: 7, rate: NaN, call: undefined, url: `https://api:${key}@host` },
  startTimeSeconds: 1000,
};

describe("wantsOnline()", () => {
  for (const [environment, expected] of [
    [{}, false],
    [{ WANDB_API_KEY: "" }, false],
    [{ WANDB_API_KEY: key }, true],
    [{ WANDB_API_KEY: key, WANDB_MODE: "online" }, true],
    [{ WANDB_API_KEY: key, WANDB_MODE: "offline" }, false],
    [{ WANDB_API_KEY: key, WANDB_MODE: "disabled" }, false],
  ] as const) {
    it(`is ${expected} for ${JSON.stringify(environment)}`, () => {
      expect(wantsOnline(environment)).to.equal(expected);
    });
  }
});

interface Outcome {
  /** Of the server. */
  url: string;
  /** Of the run. */
  folder: string;
  warnings: string[];
  rows: Record<string, unknown>[];
  requests: WandbRequest[];
  /** Whether the key is in any file. */
  isLeaked: boolean;
  /** Kinds of the records in the offline folder. */
  offline: string[];
}

/** Logs two steps against a server, or against nobody, and looks at what came of it. */
async function logTo(
  mode: WandbServerMode | "absent",
  options: Partial<WandbOptions> = {},
): Promise<Outcome> {
  const folder = mkdtempSync(path.join(tmpdir(), "seedbed-"));
  const server = await startWandbServer(mode === "absent" ? "ok" : mode);
  if (mode === "absent") await server.close();
  const warnings: string[] = [];
  const environment = { HOME: folder, WANDB_API_KEY: key, WANDB_BASE_URL: server.url };
  const logger = wandbLogger({
    folder,
    info,
    environment,
    warn: (line) => warnings.push(line),
    ...options,
  });
  await logger.logMetrics({ loss: 0.5, norm: NaN }, at(11));
  await logger.logMetrics({ "val/loss": 1 }, at(11));
  await logger.logImages("picture", [{ png: Uint8Array.of(1), width: 1, height: 1 }], at(11));
  await logger.logHistogram("weights", { edges: [0, 1], counts: [2] }, at(11));
  await logger.logMetrics({ loss: 0.25 }, at(20));
  await logger.finalize("failed");
  if (mode !== "absent") await server.close();
  const [run] = readdirSync(path.join(folder, "wandb"));
  const records = readWandbRecords(path.join(folder, "wandb", run!, "run-a1b2c3d4.wandb"));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const isLeaked = files.some((entry) =>
    readFileSync(path.join(entry.parentPath, entry.name)).includes(key),
  );
  rmSync(folder, { recursive: true });
  return {
    url: server.url,
    folder,
    warnings,
    rows: server.rows(),
    requests: server.requests,
    isLeaked,
    offline: records.map(({ kind }) => kind),
  };
}

/** Long enough for a machine with much to do, where the server answers at all. */
function patienceFor(mode: string): Partial<WandbOptions> {
  if (mode === "silent") return { initTimeoutSeconds: 1 };
  return mode === "fileStreamHangs" ? { requestTimeoutSeconds: 1 } : {};
}

/** Listeners through which the SDK would take over the process. */
function listenerCounts(): number[] {
  return ["SIGINT", "SIGTERM", "beforeExit", "uncaughtException"].map((name) =>
    process.listenerCount(name),
  );
}

describe("wandbLogger() with a key", () => {
  // The SDK sends once a second, so the cases run side by side.
  const earlier = [3, 4].map((step) => ({
    kind: "metrics" as const,
    ...at(step),
    metrics: { loss: step },
  }));
  const modes = [
    "ok",
    "graphql503once",
    "graphql401",
    "graphql404",
    "graphqlErrors",
    "fileStream500",
    "fileStreamCut",
    "fileStreamHangs",
    "silent",
    "absent",
  ] as const;
  type Case = (typeof modes)[number] | "resumed";
  let cases: ReadonlyMap<Case, Outcome>;
  const listeners: number[][] = [];
  before(async () => {
    listeners.push(listenerCounts());
    const entries = await Promise.all([
      ...modes.map(async (mode) => [mode, await logTo(mode, patienceFor(mode))] as const),
      logTo("ok", { resume: { step: 4, records: earlier } }).then(
        (outcome) => ["resumed", outcome] as const,
      ),
    ]);
    cases = new Map<Case, Outcome>(entries);
    listeners.push(listenerCounts());
  });

  it("streams one row a step, the configuration and the exit code", () => {
    const { warnings, rows, requests, url, folder } = cases.get("ok")!;
    expect(warnings).to.deep.equal([
      `W&B: ${url}/tester/tests/runs/a1b2c3d4`,
      `W&B has confirmed all 2 rows; pictures, files and what was printed follow with: seedbed wandb sync ${folder}`,
    ]);
    expect(rows.map(({ _runtime, _timestamp, ...row }) => row)).to.deep.equal([
      {
        _step: 11,
        loss: 0.5,
        norm: "NaN",
        "val/loss": 1,
        weights: { _type: "histogram", values: [2], bins: [0, 1] },
      },
      { _step: 20, loss: 0.25 },
    ]);
    const upsert = JSON.parse(requests.find(({ body }) => body.includes("UpsertBucket"))!.body);
    const expected = {
      name: "a1b2c3d4",
      project: "tests",
      displayName: "shown",
      config:
        '{"seed":{"value":7},"rate":{"value":"NaN"},"call":{"value":null},"url":{"value":"https://[redacted]@host"}}',
    };
    expect(upsert.variables).to.deep.include(expected);
    expect(JSON.parse(requests.at(-1)!.body)).to.deep.equal({ complete: true, exitcode: 1 });
  });

  it("leaves signals and uncaught exceptions to the process", () => {
    expect(listeners[1]).to.deep.equal(listeners[0]);
  });

  it("writes the key nowhere", () => {
    expect([...cases.values()].map(({ isLeaked }) => isLeaked)).not.to.include(true);
  });

  it("sends the earlier rows of a resumed run again, since the stream overwrites from the first", () => {
    expect(cases.get("resumed")!.rows.map(({ _step }) => _step)).to.deep.equal([3, 4, 11, 20]);
  });

  for (const [mode, reason] of [
    ["graphql503once", "the server answered HTTP 503"],
    ["graphql401", "the server answered HTTP 401"],
    ["graphql404", "the server answered HTTP 404"],
    ["graphqlErrors", "permission denied"],
    ["fileStream500", "the server answered HTTP 500"],
    ["fileStreamCut", "socket hang up"],
    ["fileStreamHangs", "no answer in 1 seconds"],
    ["silent", "no answer in 1 seconds"],
    ["absent", "connect ECONNREFUSED"],
  ] as const) {
    it(`says what W&B misses, once, and goes on offline when the server is: ${mode}`, () => {
      const { warnings, offline, folder } = cases.get(mode)!;
      const lost = warnings.filter((line) => !line.startsWith("W&B: http"));
      expect(lost).to.have.length(1);
      expect(lost[0]).to.match(/^W&B misses rows of this run: /);
      expect(lost[0]).to.include(reason).and.not.include(key);
      expect(lost[0]).to.match(new RegExp(`upload it with: seedbed wandb sync ${folder}$`));
      const kinds = ["history", "history", "summary", "exit", "final", "footer"];
      expect(offline.slice(-6)).to.deep.equal(kinds);
    });
  }
});

describe("wandbLogger() in a process with a key", () => {
  const program = path.resolve(import.meta.dirname, "../../../fixtures/wandb/logAndLeave.ts");

  /** Runs a program that logs a row and does not finish. */
  async function leave(
    what: "return" | "wait",
    signal?: NodeJS.Signals,
  ): Promise<{ code: number | null; signal: NodeJS.Signals | null; requests: WandbRequest[] }> {
    const folder = mkdtempSync(path.join(tmpdir(), "seedbed-"));
    const server = await startWandbServer("ok");
    const env = { ...process.env, HOME: folder, WANDB_API_KEY: key, WANDB_BASE_URL: server.url };
    const args = ["--import", "tsx", program, folder, what];
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    if (signal) child.stdout.once("data", () => child.kill(signal));
    const [code, by] = await once(child, "close");
    await server.close();
    rmSync(folder, { recursive: true });
    return { code, signal: by, requests: server.requests };
  }

  it("lets the process end and be killed, and does not call the run finished", async () => {
    const outcomes = await Promise.all([
      leave("return"),
      leave("wait", "SIGTERM"),
      leave("wait", "SIGINT"),
    ]);
    expect(outcomes.map(({ code, signal }) => code ?? signal)).to.deep.equal([
      0,
      "SIGTERM",
      "SIGINT",
    ]);
    const bodies = outcomes.flatMap(({ requests }) => requests.map(({ body }) => body));
    expect(bodies.some((body) => body.includes("upsertBucket"))).to.equal(true);
    expect(bodies.some((body) => body.includes('"complete"'))).to.equal(false);
  });
});
