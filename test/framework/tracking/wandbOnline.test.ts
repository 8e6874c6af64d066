import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { before, describe, it } from "mocha";

import { wandbLogger, type WandbOptions } from "../../../framework/tracking/loggers/wandb.ts";
import { wantsOnline } from "../../../framework/tracking/wandbOnline.ts";
import { readWandbRecords } from "../../support/wandbReader.ts";
import {
  startWandbServer,
  type WandbRequest,
  type WandbServerMode,
} from "../../support/wandbServer.ts";

const key = "0123456789abcdef0123456789abcdef01234567";
const at = (step: number) => ({ step, epoch: 0, wallTimeSeconds: 1000 + step });
const info = {
  runId: "a1b2c3d4",
  project: "tests",
  displayName: "shown",
  config: { seed: 7 },
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
    warnings,
    rows: server.rows(),
    requests: server.requests,
    isLeaked,
    offline: records.map(({ kind }) => kind),
  };
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
  let cases: Record<
    "ok" | "resumed" | "graphql500" | "graphqlErrors" | "fileStream500" | "absent" | "silent",
    Outcome
  >;
  const listeners: number[][] = [];
  before(async () => {
    listeners.push(listenerCounts());
    const [ok, resumed, graphql500, graphqlErrors, fileStream500, absent, silent] =
      await Promise.all([
        logTo("ok"),
        logTo("ok", { resume: { step: 4, records: earlier } }),
        logTo("graphql500"),
        logTo("graphqlErrors"),
        logTo("fileStream500"),
        logTo("absent"),
        logTo("silent", { initTimeoutSeconds: 1 }),
      ]);
    cases = { ok, resumed, graphql500, graphqlErrors, fileStream500, absent, silent };
    listeners.push(listenerCounts());
  });

  it("streams one row a step, the configuration and the exit code", () => {
    const { warnings, rows, requests } = cases.ok;
    expect(warnings).to.deep.equal([]);
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
      config: '{"seed":7}',
    };
    expect(upsert.variables).to.deep.include(expected);
    expect(JSON.parse(requests.at(-1)!.body)).to.deep.equal({ complete: true, exitcode: 1 });
  });

  it("leaves signals and uncaught exceptions to the process", () => {
    expect(listeners[1]).to.deep.equal(listeners[0]);
  });

  it("writes the key nowhere", () => {
    expect(Object.values(cases).map(({ isLeaked }) => isLeaked)).not.to.include(true);
  });

  it("sends the earlier rows of a resumed run again, since the stream overwrites from the first", () => {
    expect(cases.resumed.rows.map(({ _step }) => _step)).to.deep.equal([3, 4, 11, 20]);
  });

  for (const [mode, reason] of [
    ["graphql500", "the server answered HTTP 500"],
    ["graphqlErrors", ""],
    ["fileStream500", "the server answered HTTP 500"],
    ["absent", "connect ECONNREFUSED"],
    ["silent", "no answer in 1 seconds"],
  ] as const) {
    it(`goes on offline after one warning when the server is: ${mode}`, () => {
      const { warnings, offline } = cases[mode];
      expect(warnings).to.have.length(1);
      expect(warnings[0])
        .to.match(/^W&B is not reachable/)
        .and.include(reason);
      expect(warnings[0]).to.include("upload it with: wandb sync").and.not.include(key);
      const kinds = ["history", "history", "summary", "exit", "final", "footer"];
      expect(offline.slice(-6)).to.deep.equal(kinds);
    });
  }
});
