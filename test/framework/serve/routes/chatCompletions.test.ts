import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import type { FastifyInstance } from "fastify";
import { after, before, describe, it } from "mocha";
import OpenAI, { APIError, BadRequestError, NotFoundError, RateLimitError } from "openai";

import { createServer } from "../../../../framework/serve/createServer.ts";
import { LanguageService } from "../../../../framework/serve/languageService.ts";
import { errorOf } from "../../../support/compiled.ts";
import { writeServedModel } from "../../../support/servedModel.ts";

const messages = [{ role: "user", content: "What is the capital of France?" }] as const;
const asked = { model: "nano", messages: [...messages] };
const add = {
  type: "function",
  function: {
    name: "add",
    description: "Adds two numbers.",
    strict: true,
    parameters: {
      type: "object",
      properties: { a: { type: "integer" }, b: { type: "integer" } },
      required: ["a", "b"],
      additionalProperties: false,
    },
  },
} as const;
const tools = [
  { ...add, function: { ...add.function, parameters: { ...add.function.parameters } } },
];

describe("chat completions, asked by OpenAI's own client", () => {
  let folder: string;
  const warnings: string[] = [];
  let service: LanguageService;
  let app: FastifyInstance;
  let client: OpenAI;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "served-"));
    await writeServedModel(folder);
    service = LanguageService.open(folder, { name: "nano", drawSeed: () => 1, rows: 4 });
    app = createServer({ services: [service], warn: (line) => warnings.push(line) });
    const baseURL = `${await app.listen({ host: "127.0.0.1", port: 0 })}/v1`;
    client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
  });
  after(async () => {
    await app.close();
    await service.close();
    rmSync(folder, { recursive: true });
    expect(warnings).to.deep.equal([]);
  });

  /** Nothing is answered any more. */
  async function expectIdle(): Promise<void> {
    for (let turn = 0; turn < 400 && service.scheduler.report().running > 0; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(service.scheduler.report()).to.include({ running: 0, waiting: 0 });
  }

  it("say nothing that looks like a call where no tools are offered", async () => {
    const call = service.tokenizer.idOf("<tool_call>")!;
    const said = await client.chat.completions.create({
      ...{ ...asked, max_tokens: 5, temperature: 0, logit_bias: { [call]: 100 } },
    });
    expect(said.choices[0]!.message.content).to.not.contain("<tool_call>");
  });

  it("answers, and counts tokens", async () => {
    const answer = await client.chat.completions.create({ ...asked, max_tokens: 8, seed: 1 });
    expect(answer).to.include({ object: "chat.completion", model: "nano" });
    expect(answer.id).to.match(/^chatcmpl-/);
    const [choice] = answer.choices;
    expect(choice!.message).to.include({ role: "assistant", refusal: null });
    expect(choice!.finish_reason).to.equal("length");
    const { prompt_tokens, completion_tokens, total_tokens } = answer.usage!;
    expect(completion_tokens).to.equal(8);
    expect(total_tokens).to.equal(prompt_tokens + 8);
  });

  it("says the same for the same seed, other things for another, and the likeliest at 0", async () => {
    const said = async (options: object): Promise<string | null> => {
      const answer = await client.chat.completions.create({ ...asked, max_tokens: 12, ...options });
      return answer.choices[0]!.message.content;
    };
    expect(await said({ seed: 1 })).to.equal(await said({ seed: 1 }));
    expect(await said({ seed: 1 })).to.not.equal(await said({ seed: 2 }));
    expect(await said({ temperature: 0 })).to.equal(await said({ temperature: 0, seed: 9 }));
  });

  it("streams what it answers without", async () => {
    const options = { ...asked, max_tokens: 20, seed: 3, n: 2 };
    const whole = await client.chat.completions.create(options);
    const stream = await client.chat.completions.create({
      ...{ ...options, stream: true, stream_options: { include_usage: true } },
    });
    const texts = ["", ""];
    const ends: (string | null)[] = [];
    let usage: object | null | undefined;
    for await (const { choices, usage: told } of stream) {
      usage = told ?? usage;
      for (const { index, delta, finish_reason } of choices) {
        texts[index] += delta.content ?? "";
        if (finish_reason) ends[index] = finish_reason;
      }
    }
    expect(texts).to.deep.equal(whole.choices.map(({ message }) => message.content));
    expect(ends).to.deep.equal(whole.choices.map(({ finish_reason }) => finish_reason));
    expect(usage).to.include({ completion_tokens: whole.usage!.completion_tokens });
    expect(usage).to.have.nested.property("prompt_tokens_details.cached_tokens").above(0);
  });

  it("gives probabilities of tokens", async () => {
    const { choices } = await client.chat.completions.create({
      ...{ ...asked, max_tokens: 5, temperature: 0, logprobs: true, top_logprobs: 3 },
    });
    const content = choices[0]!.logprobs!.content!;
    expect(content).to.have.length(5);
    for (const { logprob, top_logprobs: top, token } of content) {
      expect(top).to.have.length(3);
      expect(top[0]).to.deep.include({ token, logprob });
      expect(logprob).to.be.at.most(0);
    }
    expect(Buffer.concat(content.map(({ bytes }) => Buffer.from(bytes!))).toString()).to.equal(
      choices[0]!.message.content,
    );
  });

  it("stops where it is told to, and does not say that", async () => {
    const options = { ...asked, max_tokens: 40, temperature: 0 };
    const whole = (await client.chat.completions.create(options)).choices[0]!.message.content!;
    const stop = whole.slice(6, 8);
    const { choices } = await client.chat.completions.create({ ...options, stop: [stop] });
    expect(choices[0]!.message.content).to.equal(whole.slice(0, whole.indexOf(stop)));
    expect(choices[0]!.finish_reason).to.equal("stop");
  });

  it("answers in JSON that fits a schema, in as many tokens as there are", async () => {
    const schema = {
      ...{ type: "object", required: ["city", "size"], additionalProperties: false },
      properties: { city: { type: "string" }, size: { type: "integer", minimum: 1 } },
    };
    const format = {
      type: "json_schema",
      json_schema: { name: "city", strict: true, schema },
    } as const;
    for (const max_tokens of [24, 60]) {
      const { choices } = await client.chat.completions.parse({
        ...{ ...asked, max_tokens, seed: max_tokens, response_format: format },
      });
      expect(choices[0]!.finish_reason).to.equal("stop");
      expect(choices[0]!.message.parsed).to.have.all.keys("city", "size");
    }
  });

  const named = { type: "function" as const, function: { name: "add" } };
  const allowed = { mode: "required" as const, tools: [named] };
  const toolChoices: readonly (readonly [OpenAI.ChatCompletionToolChoiceOption, string])[] = [
    ["required", "tool_calls"],
    [named, "stop"],
    [{ type: "allowed_tools", allowed_tools: allowed }, "tool_calls"],
  ];
  for (const [choice, finish] of toolChoices) {
    it(`calls functions with arguments that fit: ${JSON.stringify(choice)}`, async () => {
      const options = { ...asked, tools, tool_choice: choice, seed: 4, max_tokens: 120 };
      const { choices } = await client.chat.completions.create(options);
      const { message, finish_reason } = choices[0]!;
      expect(finish_reason).to.equal(finish);
      expect(message.content).to.equal(null);
      for (const call of message.tool_calls!) {
        if (call.type !== "function") throw new Error("expected a function");
        expect(call.id).to.match(/^call_/);
        expect(call.function.name).to.equal("add");
        expect(JSON.parse(call.function.arguments)).to.have.all.keys("a", "b");
      }
      const streamed = await client.chat.completions.stream(options).finalChatCompletion();
      expect(
        streamed.choices[0]!.message.tool_calls!.map((call) => Object(call).function.arguments),
      ).to.deep.equal(message.tool_calls!.map((call) => Object(call).function.arguments));
      expect(streamed.choices[0]!.finish_reason).to.equal(finish);
    });
  }

  it("takes calls and their results back", async () => {
    const call = {
      id: "call_1",
      type: "function",
      function: { name: "add", arguments: '{"a":1,"b":2}' },
    } as const;
    const alone = { ...asked, tools, max_tokens: 1 };
    const before = (await client.chat.completions.create(alone)).usage!.prompt_tokens;
    const { choices, usage } = await client.chat.completions.create({
      ...{ model: "nano", tools, max_tokens: 8, temperature: 0 },
      messages: [
        ...messages,
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: "call_1", content: "3" },
      ],
    });
    expect(choices).to.have.length(1);
    expect(usage!.prompt_tokens, "the call and its result are read").to.be.above(before + 20);
  });

  it("ends an answer that nobody waits for", async () => {
    const stream = await client.chat.completions.create({ ...asked, stream: true, seed: 2 });
    for await (const _ of stream) break;
    await expectIdle();
  });

  it("says when too many wait, and begins none of a request that has no place", async () => {
    const endless = { logit_bias: { [service.endTokens[0]!]: -100 } };
    const many = { ...asked, ...endless, n: 60 };
    const first = await client.chat.completions.create({ ...many, stream: true });
    const error = await errorOf(client.chat.completions.create(many));
    expect(error).to.be.instanceOf(RateLimitError).and.to.include({ code: "rate_limit_exceeded" });
    first.controller.abort();
    await expectIdle();
  });

  it("ends an answer whose client has left", async () => {
    const { signal, abort } = abortable();
    const answer = client.chat.completions.create({ ...asked, seed: 2 }, { signal });
    setTimeout(abort, 20);
    expect((await errorOf(answer)).constructor.name).to.equal("APIUserAbortError");
    await expectIdle();
  });

  it("lists its models", async () => {
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id)).to.deep.equal(["nano"]);
    expect((await client.models.retrieve("nano")).owned_by).to.equal("local");
  });

  const wrong: readonly (readonly [title: string, options: object, kind: object, told: object])[] =
    [
      ["an unknown model", { model: "other" }, NotFoundError, { code: "model_not_found" }],
      ["a wrong type", { temperature: "hot" }, BadRequestError, { param: "temperature" }],
      ["a range", { top_p: 2 }, BadRequestError, { param: "top_p" }],
      ["an unknown field", { colour: 1 }, BadRequestError, { param: "colour" }],
      [
        "another field",
        { stream_options: { a: 1 } },
        BadRequestError,
        { param: "stream_options.a" },
      ],
      ["no model", { model: undefined }, BadRequestError, { param: "model" }],
      ["no messages", { messages: [] }, BadRequestError, { param: "messages" }],
      [
        "a role",
        { messages: [{ role: "x", content: "" }] },
        BadRequestError,
        { param: "messages[0].role" },
      ],
      [
        "a picture",
        { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }] },
        BadRequestError,
        { param: "messages[0].content" },
      ],
      [
        "too long a text",
        { messages: [{ role: "user", content: "x".repeat(999) }] },
        BadRequestError,
        { code: "context_length_exceeded" },
      ],
      [
        "more answers than can ever be waited for: 4 rows and 64 places",
        { n: 69 },
        BadRequestError,
        { param: "n" },
      ],
      [
        "tools without a choice",
        { tool_choice: "auto" },
        BadRequestError,
        { param: "tool_choice" },
      ],
      [
        "another tool",
        { tools, tool_choice: { type: "function", function: { name: "b" } } },
        BadRequestError,
        { param: "tool_choice" },
      ],
      [
        "a keyword that is not supported",
        {
          response_format: { type: "json_schema", json_schema: { name: "a", schema: { not: {} } } },
        },
        BadRequestError,
        { code: "invalid_json_schema" },
      ],
      [
        "a schema that is not strict",
        {
          response_format: {
            type: "json_schema",
            json_schema: { name: "a", strict: true, schema: { type: "object" } },
          },
        },
        BadRequestError,
        { code: "invalid_json_schema" },
      ],
      [
        "no room for what is asked for",
        {
          max_tokens: 3,
          response_format: {
            type: "json_schema",
            json_schema: { name: "a", schema: { const: "abcdef" } },
          },
        },
        BadRequestError,
        { code: "invalid_json_schema" },
      ],
    ];
  for (const [title, options, kind, told] of wrong) {
    it(`refuses ${title}`, async () => {
      const request = { ...asked, ...options };
      const error = await errorOf(client.chat.completions.create(request));
      expect(error).to.be.instanceOf(kind).and.to.be.instanceOf(APIError).and.to.include(told);
    });
  }

  it("refuses what is no JSON, and places that are none", async () => {
    const url = new URL("/v1/chat/completions", client.baseURL);
    const headers = { "content-type": "application/json" };
    const broken = await fetch(url, { method: "POST", body: "{", headers });
    expect(broken.status).to.equal(400);
    expect(broken.headers.get("x-request-id")).to.match(/^req_/);
    expect(await broken.json()).to.have.nested.property("error.type", "invalid_request_error");
    const nowhere = await fetch(new URL("/v2/nothing", client.baseURL));
    expect(nowhere.status).to.equal(404);
    expect(await nowhere.json()).to.have.nested.property("error.code", "unknown_url");
  });
});

function abortable(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
