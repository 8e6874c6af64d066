import { expect } from "chai";
import { describe, it } from "mocha";

import type { ModelPrice } from "../../../../framework/serve/prices/modelPrice.ts";
import { AnswerLog } from "../../../../framework/serve/routing/answerLog.ts";
import type { AnsweredRequest } from "../../../../framework/serve/routing/dispatcher.ts";
import { Receipt, type Decision } from "../../../../framework/serve/routing/receipt.ts";
import { createRun } from "../../../../framework/tracking/createRun.ts";
import { readMetrics, readRecords } from "../../../../framework/tracking/metricsFile.ts";
import { openLoggers } from "../../../../framework/tracking/openLoggers.ts";
import type { Run } from "../../../../framework/tracking/run.ts";
import { readManifest } from "../../../../framework/tracking/runManifest.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const small: ModelPrice = { prompt: 100_000n, cachedPrompt: 25_000n, completion: 400_000n };
const large: ModelPrice = { prompt: 500_000n, cachedPrompt: 125_000n, completion: 2_000_000n };
const prices = new Map([
  ["nano", small],
  ["full", large],
]);

const unexpected = (line: string): never => expect.fail(line);

function answered(decision: Decision, ...models: string[]): AnsweredRequest {
  const tokens = { promptTokens: 100, cachedTokens: 20, completionTokens: 10 };
  const attempts = models.map((model) => ({ model, tokens }));
  return {
    request: { model: "auto", messages: [{ role: "user", content: "secret" }] },
    receipt: new Receipt("auto", decision, attempts, { prices, dearest: "full" }),
    ...{ firstTokenMs: 5, totalMs: 20, isWhole: true },
  };
}

describe("AnswerLog", () => {
  const folder = temporaryFolder();

  async function openRun(): Promise<Run> {
    const spec = { name: "serve", experiment: "serve", seed: 0 };
    const options = { root: folder.path("runs"), name: "serve", seed: 0, spec, specYaml: "" };
    const run = createRun({ ...options, command: [] });
    await openLoggers(run, { parameters: spec, tensorBoard: false, wandb: false });
    return run;
  }

  it("keeps who answered, why, for how much and how fast, and adds it up", async () => {
    const run = await openRun();
    const log = new AnswerLog({
      run,
      models: ["full", "nano"],
      warn: unexpected,
      now: () => 7000,
    });
    const routed = { reason: "score", router: "cascade", threshold: 0.5 } as const;
    log.add(answered({ ...routed, score: 0.25 }, "nano"));
    log.add(answered({ ...routed, score: 0.75 }, "nano", "full"));
    log.add(answered({ reason: "named" }, "full"));
    await log.close();
    const rows = readMetrics(run.folder);
    expect(rows.map(({ step }) => step)).to.deep.equal([1, 2, 3]);
    const [first, second, third] = rows.map(({ metrics }) => metrics);
    expect(first).to.deep.equal({
      ...{ "answered/full": 0, "answered/nano": 1, "routing/attempts": 1 },
      ...{ "routing/score": 0.25, "routing/threshold": 0.5, "routing/reason/score": 1 },
      ...{ "tokens/prompt": 100, "tokens/cached": 20, "tokens/completion": 10 },
      ...{ "latency/firstTokenMs": 5, "latency/totalMs": 20, "answer/isWhole": 1 },
      ...{ "cost/dollars": 0.0000125, "cost/counterfactualDollars": 0.0000625 },
      ...{ "total/dollars": 0.0000125, "total/counterfactualDollars": 0.0000625 },
      "total/savedShare": 0.8,
    });
    expect(second).to.include({
      "answered/full": 1,
      "routing/attempts": 2,
      "cost/dollars": 0.000075,
    });
    expect(third).to.not.have.property("routing/score");
    const { summary, status } = readManifest(run.folder);
    expect(status).to.equal("finished");
    expect(summary).to.deep.equal({
      ...{ requests: 3, "cost/dollars": 0.00015, "cost/counterfactualDollars": 0.0001875 },
    });
  });

  for (const hasMessages of [false, true]) {
    it(`keeps ${hasMessages ? "what was asked, if it is told to" : "no word of what was asked"}`, async () => {
      const run = await openRun();
      const log = new AnswerLog({ run, models: ["nano"], hasMessages, warn: unexpected });
      log.add(answered({ reason: "named" }, "nano"));
      await log.close();
      expect(JSON.stringify(readRecords(run.folder)).includes("secret")).to.equal(hasMessages);
    });
  }

  it("says once when it cannot write, and goes on", async () => {
    const run = await openRun();
    const broken = run.loggers[0]!;
    broken.logMetrics = () => {
      throw new Error("no room");
    };
    const warned: string[] = [];
    const log = new AnswerLog({ run, models: ["nano"], warn: (line) => warned.push(line) });
    log.add(answered({ reason: "named" }, "nano"));
    log.add(answered({ reason: "named" }, "nano"));
    await log.close();
    expect(warned).to.deep.equal(["Cannot log what was answered: Error: no room; answers go on"]);
    expect(readManifest(run.folder).summary).to.include({ requests: 2 });
  });
});
