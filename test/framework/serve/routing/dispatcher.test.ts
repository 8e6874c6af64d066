import { expect } from "chai";
import { describe, it } from "mocha";
import OpenAI, { APIError } from "openai";

import { costOf } from "../../../../framework/serve/prices/modelPrice.ts";
import { Budget } from "../../../../framework/serve/routing/budget.ts";
import { errorOf } from "../../../support/compiled.ts";
import {
  easy,
  hard,
  large,
  routedServers,
  routingOf,
  small,
  until,
  type Routing,
} from "../../../support/routedServer.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

describe("requests that a router gives to a model", () => {
  const { serve, stop, answered } = routedServers();

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

  describe("within a budget", () => {
    const folder = temporaryFolder();
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
        file: folder.path("budget.jsonl"),
      });

    it("are answered by the cheapest model when it is spent, also after a new start", async () => {
      const first = open();
      let client = await serve({ budget: first });
      const options = { messages: [...hard], max_tokens: 2 };
      const before = await client.chat.completions.create({ ...options, model: "auto" });
      expect(routingOf(before)).to.include({ model: "full", reason: "score" });
      expect(first.spent).to.equal(BigInt(routingOf(before).cost_picodollars));
      await stop();
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
    await stop();
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
