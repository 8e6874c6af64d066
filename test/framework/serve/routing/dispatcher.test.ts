import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import type { FastifyInstance } from "fastify";
import { after, afterEach, before, describe, it } from "mocha";
import OpenAI, { APIError } from "openai";
import sharp from "sharp";

import { createServer } from "../../../../framework/serve/createServer.ts";
import { LanguageService } from "../../../../framework/serve/languageService.ts";
import { costOf, type ModelPrice } from "../../../../framework/serve/prices/modelPrice.ts";
import { Budget } from "../../../../framework/serve/routing/budget.ts";
import type { AnsweredRequest } from "../../../../framework/serve/routing/dispatcher.ts";
import type { Router } from "../../../../framework/serve/routing/router.ts";
import { cascade } from "../../../../framework/serve/routing/routers/cascade.ts";
import { rules } from "../../../../framework/serve/routing/routers/rules.ts";
import { errorOf } from "../../../support/compiled.ts";
import { writeSeeingModel, writeServedModel } from "../../../support/servedModel.ts";

const small: ModelPrice = { prompt: 100_000n, cachedPrompt: 25_000n, completion: 400_000n };
const large: ModelPrice = { prompt: 540_000n, cachedPrompt: 135_000n, completion: 2_160_000n };
const easy = [{ role: "user", content: "Hello!" }] as const;
const hard = [{ role: "user", content: "Refactor this code, step by step." }] as const;

/** What an answer's body tells of who gave it. */
interface Routing {
  readonly model: string;
  readonly requested: string;
  readonly reason: string;
  readonly router: string | null;
  readonly score: number | null;
  readonly cost_picodollars: number;
  readonly counterfactual_cost_picodollars: number;
  readonly attempts: readonly {
    readonly model: string;
    readonly prompt_tokens: number;
    readonly cached_tokens: number;
    readonly completion_tokens: number;
    readonly cost_picodollars: number;
  }[];
}

const routingOf = (body: object): Routing => Object(body).routing;

describe("requests that a router gives to a model", () => {
  let folder: string;
  let services: LanguageService[];
  /** The same names, with eyes. */
  const seeing: Record<string, LanguageService> = {};
  let app: FastifyInstance | undefined;
  let answered: AnsweredRequest[];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "routed-"));
    services = [];
    for (const [i, name] of ["full", "nano"].entries()) {
      await writeServedModel(path.join(folder, name), 5 + i);
      services.push(
        LanguageService.open(path.join(folder, name), { name, rows: 2, drawSeed: () => 1 }),
      );
      await writeSeeingModel(path.join(folder, `seeing-${name}`));
      seeing[name] = LanguageService.open(path.join(folder, `seeing-${name}`), {
        name,
        rows: 2,
        drawSeed: () => 1,
      });
    }
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });
  after(async () => {
    for (const service of [...services, ...Object.values(seeing)]) await service.close();
    rmSync(folder, { recursive: true });
  });

  async function serve(
    options: {
      seeing?: string;
      routers?: readonly Router[];
      budget?: Budget;
      models?: readonly string[];
    } = {},
  ): Promise<OpenAI> {
    const { routers = [rules(), cascade()], budget, models = ["full", "nano"] } = options;
    const own = services.filter(({ name }) => models.includes(name));
    answered = [];
    app = createServer({
      services: own.map((each) => (each.name === options.seeing ? seeing[each.name]! : each)),
      routing: {
        prices: new Map([
          ["nano", small],
          ["full", large],
        ]),
        ...{ routers, budget, auto: { router: routers[0]!, threshold: routers[0]!.threshold } },
      },
      onAnswered: (each) => answered.push(each),
      warn: () => {},
    });
    const baseURL = `${await app.listen({ host: "127.0.0.1", port: 0 })}/v1`;
    return new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
  }

  const running = (): number =>
    services.reduce((sum, { scheduler }) => sum + scheduler.report().running, 0);

  async function until(isSo: () => boolean): Promise<void> {
    for (let turn = 0; turn < 2000 && !isSo(); turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async function expectIdle(): Promise<void> {
    await until(() => running() === 0);
    expect(running()).to.equal(0);
  }

  /** A cascade whose second thoughts come after a few tokens. */
  const unsure = (score: number): Router => ({
    ...{ ...cascade({ threshold: 0.5, heldTokens: 4 }), score: () => score },
  });

  it("cost what summaries of them took, too", async () => {
    const client = await serve();
    const messages = Array.from({ length: 40 }, (_, i) => ({
      ...{ role: i % 2 === 0 ? "user" : "assistant", content: `Number ${i}: why is that so?` },
    })).slice(0, 39);
    const { usage, ...more } = await client.chat.completions.create({
      ...{ model: "nano", max_tokens: 4, messages: messages.map((each) => Object(each)) },
      ...Object({ truncation: "summarize" }),
    });
    const { summary_usage: summary } = Object(more).truncation_report;
    expect(summary.prompt_tokens).to.be.above(0);
    await until(() => answered.length > 0);
    const [{ tokens } = expect.fail()] = answered[0]!.receipt.attempts;
    expect(tokens.promptTokens).to.equal(usage!.prompt_tokens + summary.prompt_tokens);
    expect(tokens.completionTokens).to.equal(usage!.completion_tokens + summary.completion_tokens);
    expect(answered[0]!.receipt.cost).to.equal(costOf(small, tokens));
  });

  it("are answered by the cheapest model where they are easy, else by the dearest", async () => {
    const client = await serve();
    for (const [messages, model] of [
      [easy, "nano"],
      [hard, "full"],
    ] as const) {
      const { data, response } = await client.chat.completions
        .create({ model: "auto", messages: [...messages], max_tokens: 6, seed: 1 })
        .withResponse();
      expect(data.model).to.equal(model);
      const routing = routingOf(data);
      expect(routing).to.include({ model, requested: "auto", router: "rules", reason: "score" });
      expect(response.headers.get("x-seedbed-model")).to.equal(model);
      expect(response.headers.get("x-seedbed-router")).to.equal("rules");
      const { prompt_tokens, completion_tokens, prompt_tokens_details } = data.usage!;
      const tokens = {
        promptTokens: prompt_tokens,
        cachedTokens: prompt_tokens_details!.cached_tokens!,
        completionTokens: completion_tokens,
      };
      const cost = Number(costOf(model === "nano" ? small : large, tokens));
      expect(routing.cost_picodollars).to.equal(cost);
      expect(routing.counterfactual_cost_picodollars).to.equal(Number(costOf(large, tokens)));
      expect(Number(response.headers.get("x-seedbed-cost"))).to.equal(cost / 1e12);
    }
    expect(answered.map(({ receipt }) => receipt.model)).to.deep.equal(["nano", "full"]);
    expect(answered.every(({ isWhole, firstTokenMs }) => isWhole && firstTokenMs! > 0)).to.equal(
      true,
    );
  });

  it("are answered as the threshold in the model's name says", async () => {
    const client = await serve();
    const modelOf = async (model: string): Promise<string> => {
      const options = { model, messages: [...easy], max_tokens: 2 };
      return (await client.chat.completions.create(options)).model;
    };
    expect(await modelOf("router-rules-0")).to.equal("full");
    expect(await modelOf("router-rules-1")).to.equal("nano");
    expect(await modelOf("full")).to.equal("full");
  });

  for (const include_usage of [true, false]) {
    it(`are streamed with their price in the last part, usage ${include_usage ? "asked for" : "not"}`, async () => {
      const client = await serve();
      const stream = client.chat.completions.stream({
        ...{ model: "auto", messages: [...hard], max_tokens: 6, seed: 1, temperature: 0 },
        ...(include_usage && { stream_options: { include_usage } }),
      });
      const routings: Routing[] = [];
      const models = new Set<string>();
      stream.on("chunk", (chunk) => {
        models.add(chunk.model);
        if ("routing" in chunk) routings.push(routingOf(chunk));
      });
      const final = await stream.finalChatCompletion();
      expect([...models]).to.deep.equal(["full"]);
      expect(routings).to.have.length(1);
      expect(routings[0]!.attempts[0]!.completion_tokens).to.equal(6);
      expect(routings[0]!.cost_picodollars).to.equal(Number(answered[0]!.receipt.cost));
      expect(final.choices[0]!.finish_reason).to.equal("length");
    });
  }

  it("are parsed as from any model", async () => {
    const client = await serve();
    const schema = {
      ...{ type: "object", required: ["size"], additionalProperties: false },
      properties: { size: { type: "integer", minimum: 1 } },
    };
    const { choices, model } = await client.chat.completions.parse({
      ...{ model: "router-cascade-0.5", messages: [...easy], max_tokens: 30, seed: 2 },
      response_format: { type: "json_schema", json_schema: { name: "a", strict: true, schema } },
    });
    expect(model).to.be.oneOf(["nano", "full"]);
    expect(choices[0]!.message.parsed).to.have.all.keys("size");
  });

  it("go on to the dearest model where the cheapest is unsure, and both are paid for", async () => {
    const client = await serve({ routers: [unsure(0.7)] });
    const options = { messages: [...easy], max_tokens: 6, temperature: 0 };
    const alone = await client.chat.completions.create({ ...options, model: "full" });
    const cascaded = await client.chat.completions.create({ ...options, model: "auto" });
    expect(cascaded.model).to.equal("full");
    expect(cascaded.choices).to.deep.equal(alone.choices);
    const { attempts, cost_picodollars, score } = routingOf(cascaded);
    expect(attempts.map(({ model }) => model)).to.deep.equal(["nano", "full"]);
    expect(attempts[0]!.completion_tokens).to.equal(6);
    expect(cost_picodollars).to.equal(
      attempts.reduce((sum, each) => sum + each.cost_picodollars, 0),
    );
    expect(score).to.equal(0.7);
    expect(cascaded.usage!.completion_tokens).to.equal(attempts[1]!.completion_tokens);
  });

  it("stay with the cheapest where it is sure, word by word as it says them", async () => {
    const client = await serve({ routers: [unsure(0.3)] });
    const options = { messages: [...easy], max_tokens: 9, temperature: 0 };
    const alone = await client.chat.completions.create({ ...options, model: "nano" });
    const cascaded = await client.chat.completions.create({ ...options, model: "auto" });
    expect(cascaded.model).to.equal("nano");
    expect(cascaded.choices).to.deep.equal(alone.choices);
    expect(routingOf(cascaded).attempts).to.have.length(1);
  });

  for (const [score, model] of [
    [0.3, "nano"],
    [0.7, "full"],
  ] as const) {
    it(`are streamed from ${model} alone after the first tokens have been judged as ${score}`, async () => {
      const client = await serve({ routers: [unsure(score)] });
      const options = { messages: [...easy], max_tokens: 60, temperature: 0 };
      const alone = await client.chat.completions.create({ ...options, model });
      const stream = client.chat.completions.stream({ ...options, model: "auto" });
      const models = new Set<string>();
      stream.on("chunk", (chunk) => models.add(chunk.model));
      const { choices } = await stream.finalChatCompletion();
      expect([...models]).to.deep.equal([model]);
      expect(choices[0]!.message.content).to.equal(alone.choices[0]!.message.content);
      const [first] = answered.at(-1)!.receipt.attempts;
      const said = first!.tokens.completionTokens;
      if (model === "full") expect(said, "the first is ended early").to.be.within(4, 59);
      else expect(said).to.equal(60);
      await expectIdle();
    });
  }

  it("go on where the cheapest comes to no end", async () => {
    const client = await serve({ routers: [cascade({ threshold: 1 })] });
    const options = { model: "auto", messages: [...easy], max_tokens: 3, temperature: 0 };
    const cut = await client.chat.completions.create(options);
    expect(routingOf(cut)).to.include({ model: "full", score: 1 });
  });

  it("give no probabilities that were not asked for, and all that were", async () => {
    const client = await serve({ routers: [unsure(0.3)] });
    const options = { model: "auto", messages: [...easy], max_tokens: 3, temperature: 0 };
    const without = await client.chat.completions.create(options);
    expect(without.choices[0]!.logprobs).to.equal(null);
    const asked = { ...options, logprobs: true, top_logprobs: 2 };
    const withThem = await client.chat.completions.create(asked);
    expect(withThem.choices[0]!.logprobs!.content![2]!.top_logprobs).to.have.length(2);
  });

  for (const score of [0.3, 0.7]) {
    it(`end with their client, and are paid for as far as they went: ${score}`, async () => {
      const client = await serve({ routers: [unsure(score)] });
      const stream = await client.chat.completions.create({
        ...{ model: "auto", messages: [...easy], max_tokens: 400, seed: 2, stream: true },
      });
      let heard = 0;
      for await (const _ of stream) if (++heard === 8) break;
      await expectIdle();
      expect(answered).to.have.length(1);
      const { receipt, isWhole } = answered[0]!;
      expect(isWhole).to.equal(false);
      expect(Number(receipt.cost)).to.be.above(0);
    });
  }

  it("end also while they are judged", async () => {
    const client = await serve({ routers: [{ ...cascade(), heldTokens: 1e9 }] });
    const controller = new AbortController();
    const asked = client.chat.completions.create(
      { model: "auto", messages: [...easy], max_tokens: 450, seed: 2, stream: true },
      { signal: controller.signal },
    );
    const problem = errorOf(asked);
    await until(() => running() > 0);
    controller.abort();
    expect((await problem).constructor.name).to.equal("APIUserAbortError");
    await until(() => answered.length > 0);
    await expectIdle();
    expect(answered.map(({ isWhole }) => isWhole)).to.deep.equal([false]);
  });

  for (const name of ["nano", "full"]) {
    it(`are answered by ${name} where it alone sees their pictures, whatever the score`, async () => {
      const client = await serve({ seeing: name });
      const { data } = await sharp({
        create: { width: 8, height: 8, channels: 3, background: "red" },
      })
        .png()
        .toBuffer({ resolveWithObject: true });
      const url = `data:image/png;base64,${data.toString("base64")}`;
      const content = [{ type: "image_url", image_url: { url } }] as const;
      for (const model of ["router-rules-0", "router-rules-1", "router-cascade-0"]) {
        const answer = await client.chat.completions.create({
          ...{ model, messages: [{ role: "user", content: [...content] }], max_tokens: 2 },
        });
        expect(routingOf(answer)).to.include({ model: name, reason: "ability" });
      }
    });
  }

  describe("within a budget", () => {
    const hour = 3_600_000;
    const clock = { now: hour };
    const open = (): Budget =>
      new Budget({
        ...{
          picoDollars: 1n,
          period: "hour",
          now: () => clock.now,
          warn: (line) => expect.fail(line),
        },
        file: path.join(folder, "budget.jsonl"),
      });

    it("are answered by the cheapest model when it is spent, also after a new start", async () => {
      const first = open();
      let client = await serve({ budget: first });
      const options = { messages: [...hard], max_tokens: 2 };
      const before = await client.chat.completions.create({ ...options, model: "auto" });
      expect(routingOf(before)).to.include({ model: "full", reason: "score" });
      expect(first.spent).to.equal(BigInt(routingOf(before).cost_picodollars));
      await app!.close();
      const second = open();
      client = await serve({ budget: second });
      const spent = await client.chat.completions.create({ ...options, model: "auto" });
      expect(routingOf(spent)).to.include({ model: "nano", reason: "budget", score: null });
      const named = await errorOf(client.chat.completions.create({ ...options, model: "full" }));
      expect(named).to.include({ status: 429, code: "insufficient_quota" });
      expect((await client.chat.completions.create({ ...options, model: "nano" })).model).to.equal(
        "nano",
      );
      clock.now += hour;
      const later = await client.chat.completions.create({ ...options, model: "auto" });
      expect(later.model).to.equal("full");
      first.close();
      second.close();
    });

    it("of their own never go to a model that may cost more", async () => {
      const client = await serve();
      const ask = (budget: number) =>
        client.chat.completions.create({
          ...{ model: "auto", messages: [...hard], max_tokens: 2 },
          ...{ routing: { budget } },
        });
      const { usage } = await ask(1);
      const most = { promptTokens: usage!.prompt_tokens, cachedTokens: 0, completionTokens: 2 };
      const limit = Number(costOf(large, most)) / 1e12;
      expect((await ask(limit)).model).to.equal("full");
      expect(routingOf(await ask(limit - 1e-12))).to.include({ model: "nano", reason: "budget" });
    });
  });

  it("are listed as auto, where there is a choice", async () => {
    const names = async (client: OpenAI) => (await client.models.list()).data.map(({ id }) => id);
    const client = await serve();
    expect(await names(client)).to.deep.equal(["auto", "full", "nano"]);
    expect((await client.models.retrieve("auto")).id).to.equal("auto");
    await app!.close();
    expect(await names(await serve({ models: ["nano"] }))).to.deep.equal(["nano"]);
  });

  for (const [title, change, told] of [
    ["an unknown router", { model: "router-best-0.5" }, { status: 404, code: "model_not_found" }],
    ["a threshold above 1", { model: "router-rules-1.01" }, { status: 400, param: "model" }],
    ["a threshold that is none", { model: "router-rules-much" }, { status: 400, param: "model" }],
    ["a budget of nothing", { routing: { budget: 0 } }, { status: 400, param: "routing.budget" }],
    ["a budget too fine", { routing: { budget: 1e-13 } }, { status: 400, param: "routing.budget" }],
  ] as const) {
    it(`are refused with ${title}`, async () => {
      const client = await serve();
      const request = { model: "auto", messages: [...easy], max_tokens: 2, ...change };
      const error = await errorOf(client.chat.completions.create(request));
      expect(error).to.be.instanceOf(APIError).and.to.include(told);
    });
  }

  it("are refused by a server that has one model to choose from", async () => {
    const client = await serve({ models: ["nano"] });
    const error = await errorOf(
      client.chat.completions.create({ model: "auto", messages: [...easy] }),
    );
    expect(error).to.include({ status: 404, code: "model_not_found" });
  });
});
