import { readdirSync } from "node:fs";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { APIError, BadRequestError, NotFoundError } from "openai";
import type OpenAI from "openai";

import { errorOf } from "../../../support/compiled.ts";
import { startTestServer, type TestServer } from "../../../support/servedResponses.ts";

const asked = { model: "nano", input: "What is the capital of France?" };
const parameters = {
  type: "object",
  properties: { a: { type: "integer" }, b: { type: "integer" } },
  required: ["a", "b"],
  additionalProperties: false,
};
const add: OpenAI.Responses.FunctionTool = {
  ...{ type: "function", name: "add", description: "Adds two numbers.", strict: true, parameters },
};
const subtract: OpenAI.Responses.FunctionTool = { ...add, name: "subtract" };
const schema = {
  ...{ type: "object", required: ["city", "size"], additionalProperties: false },
  properties: { city: { type: "string" }, size: { type: "integer", minimum: 1 } },
};
const format = { type: "json_schema", name: "city", strict: true, schema } as const;

type ToolChoice = NonNullable<OpenAI.Responses.ResponseCreateParams["tool_choice"]>;

const callsOf = (response: OpenAI.Responses.Response) =>
  response.output.filter((item) => item.type === "function_call");

describe("responses, asked for by OpenAI's own client", () => {
  let server: TestServer;
  let client: OpenAI;

  before(async () => {
    server = await startTestServer();
    ({ client } = server);
  });
  after(async () => {
    await server.close();
    expect(server.warnings).to.deep.equal([]);
  });

  it("answers, and counts tokens", async () => {
    const response = await client.responses.create({ ...asked, max_output_tokens: 400 });
    expect(response).to.deep.include({
      ...{ object: "response", status: "completed", model: "nano", error: null },
      ...{ incomplete_details: null, background: false, store: true, truncation: "disabled" },
      ...{ text: { format: { type: "text" } }, tools: [], tool_choice: "auto", metadata: {} },
      ...{ temperature: 1, top_p: 1, parallel_tool_calls: true, previous_response_id: null },
    });
    expect(response.id).to.match(/^resp_[0-9a-f]{48}$/);
    const [item] = response.output;
    if (item?.type !== "message") throw new Error("expected a message");
    expect(item).to.include({ status: "completed", role: "assistant" });
    expect(response.output_text).to.equal(Object(item.content[0]).text).and.not.equal("");
    const { input_tokens, output_tokens, total_tokens } = response.usage!;
    expect(total_tokens).to.equal(input_tokens + output_tokens);
  });

  it("takes messages as items and parts, with instructions before them, as a chat has them", async () => {
    const parts = [{ type: "input_text" as const, text: "2 and 3?" }];
    const { output_text } = await client.responses.create({
      ...{ model: "nano", temperature: 0, max_output_tokens: 12, instructions: "Add." },
      input: [
        { role: "user", content: "1 and 1?" },
        { role: "assistant", content: "2" },
        { type: "message", role: "user", content: parts },
      ],
    });
    const chat = await client.chat.completions.create({
      ...{ model: "nano", temperature: 0, max_tokens: 12 },
      messages: [
        { role: "system", content: "Add." },
        { role: "user", content: "1 and 1?" },
        { role: "assistant", content: "2" },
        { role: "user", content: "2 and 3?" },
      ],
    });
    expect(output_text).to.equal(chat.choices[0]!.message.content);
  });

  it("is incomplete where tokens run out", async () => {
    const response = await client.responses.create({ ...asked, max_output_tokens: 5 });
    expect(response.status).to.equal("incomplete");
    expect(response.incomplete_details).to.deep.equal({ reason: "max_output_tokens" });
    expect(response.output[0]).to.include({ status: "incomplete" });
    expect(response.usage!.output_tokens).to.equal(5);
  });

  it("streams what it answers without, by events in their order", async () => {
    const options = { ...asked, max_output_tokens: 12, temperature: 0 };
    const whole = await client.responses.create(options);
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of await client.responses.create({ ...options, stream: true })) {
      events.push(event);
    }
    const types = events.map(({ type }) => type.replace(/^response\./, ""));
    expect(types.slice(0, 4)).to.deep.equal([
      ...["created", "in_progress", "output_item.added", "content_part.added"],
    ]);
    const deltas = types.slice(4, -4);
    expect(new Set(deltas)).to.deep.equal(new Set(["output_text.delta"]));
    expect(types.slice(-4)).to.deep.equal([
      ...["output_text.done", "content_part.done", "output_item.done", "incomplete"],
    ]);
    expect(events.map((event) => Object(event).sequence_number)).to.deep.equal(
      Array.from(events.keys()),
    );
    const stream = client.responses.stream(options);
    const final = await stream.finalResponse();
    expect(final.output_text).to.equal(whole.output_text);
    expect(final.usage!.output_tokens).to.equal(whole.usage!.output_tokens);
    expect(final.usage!.input_tokens_details.cached_tokens).to.be.above(0);
  });

  it("answers in JSON that fits a schema, which the client parses", async () => {
    for (const max_output_tokens of [24, 60]) {
      const response = await client.responses.parse({
        ...asked,
        max_output_tokens,
        text: { format },
      });
      expect(response.status).to.equal("completed");
      expect(JSON.parse(response.output_text)).to.have.all.keys("city", "size");
      expect(response.text).to.deep.equal({ format });
    }
    const any = await client.responses.create({
      ...{ ...asked, max_output_tokens: 40, text: { format: { type: "json_object" } } },
    });
    expect(JSON.parse(any.output_text)).to.be.an("object");
  });

  const allowed = [{ type: "function", name: "add" }];
  const choices: readonly (readonly [ToolChoice, string[]])[] = [
    ["required", ["add", "subtract"]],
    [{ type: "function", name: "add" }, ["add"]],
    [{ type: "allowed_tools", mode: "required", tools: allowed }, ["add"]],
  ];
  for (const [tool_choice, names] of choices) {
    it(`calls functions with arguments that fit: ${JSON.stringify(tool_choice)}`, async () => {
      const tools = [add, subtract];
      const options = {
        ...{ ...asked, tools, tool_choice, temperature: 0, max_output_tokens: 120 },
        parallel_tool_calls: false,
      };
      const response = await client.responses.parse(options);
      const [call] = callsOf(response);
      expect(call).to.include({ status: "completed" });
      expect(call!.name).to.be.oneOf(names);
      expect(call!.id).to.match(/^fc_/);
      expect(call!.call_id).to.match(/^call_/);
      expect(Object(call).parsed_arguments).to.have.all.keys("a", "b");
      expect(response).to.deep.include({ tools, tool_choice });
      const streamed = await client.responses.stream(options).finalResponse();
      expect(callsOf(streamed).map((each) => each.arguments)).to.deep.equal(
        callsOf(response).map((each) => each.arguments),
      );
    });
  }

  it("never calls where no call may be, and may say something where one may", async () => {
    for (const tool_choice of ["none", "auto"] as const) {
      const response = await client.responses.create({
        ...{ ...asked, tools: [add], tool_choice, temperature: 0, max_output_tokens: 8 },
      });
      expect(response.output.map(({ type }) => type)).to.deep.equal(["message"]);
    }
  });

  it("tells of a call event by event", async () => {
    const stream = client.responses.stream({
      ...{ ...asked, tools: [add], tool_choice: { type: "function", name: "add" } },
      ...{ temperature: 0, max_output_tokens: 120 },
    });
    const types: string[] = [];
    for await (const { type } of stream) if (types.at(-1) !== type) types.push(type);
    expect(types).to.deep.equal([
      ...["response.created", "response.in_progress", "response.output_item.added"],
      ...["response.function_call_arguments.delta", "response.function_call_arguments.done"],
      ...["response.output_item.done", "response.completed"],
    ]);
  });

  it("takes calls back with what they gave", async () => {
    const tools = [add];
    const first = await client.responses.create({
      ...{ ...asked, tools, tool_choice: "required", max_output_tokens: 120 },
    });
    const calls = callsOf(first);
    const outputs = calls.map(({ call_id }) => ({
      ...{ type: "function_call_output" as const, call_id, output: "3" },
    }));
    const question = { role: "user" as const, content: asked.input };
    const options = { model: "nano", tools, max_output_tokens: 8, temperature: 0 };
    const items = [question, ...calls, ...outputs];
    const said = await client.responses.create({ ...options, input: items });
    const continued = await client.responses.create({
      ...{ ...options, previous_response_id: first.id, input: outputs },
    });
    expect(continued.output_text).to.equal(said.output_text);
    expect(continued.usage!.input_tokens)
      .to.equal(said.usage!.input_tokens)
      .and.above(first.usage!.input_tokens + 20);
    const alone = await errorOf(client.responses.create({ ...options, input: outputs }));
    expect(alone).to.be.instanceOf(BadRequestError).and.to.include({ param: "input" });
    const open = await errorOf(
      client.responses.create({ ...options, input: [question, ...calls] }),
    );
    expect(open.message).to.contain("No tool output found for function call call_");
  });

  it("gives probabilities of tokens where they are included", async () => {
    const options = { ...asked, max_output_tokens: 5, temperature: 0, top_logprobs: 2 };
    const include = ["message.output_text.logprobs" as const];
    const response = await client.responses.create({ ...options, include });
    const [part] = Object(response.output[0]).content;
    expect(part.logprobs).to.have.length(5);
    for (const { token, logprob, bytes, top_logprobs: top } of part.logprobs) {
      expect(bytes).to.deep.equal([...Buffer.from(token)]);
      expect(top).to.have.length(2);
      expect(top[0]).to.deep.include({ token, logprob });
    }
    let streamed = 0;
    for await (const event of await client.responses.create({
      ...options,
      include,
      stream: true,
    })) {
      if (event.type === "response.output_text.delta") streamed += event.logprobs.length;
    }
    expect(streamed).to.equal(5);
    const without = await client.responses.create(options);
    expect(Object(without.output[0]).content[0].logprobs).to.deep.equal([]);
  });

  it("counts what would be read", async () => {
    const options = { ...asked, instructions: "Be brief.", tools: [add] };
    const { input_tokens } = await client.responses.inputTokens.count(options);
    const response = await client.responses.create({ ...options, max_output_tokens: 1 });
    expect(input_tokens).to.equal(response.usage!.input_tokens);
    const long = { model: "nano", input: "x".repeat(2000) };
    expect((await client.responses.inputTokens.count(long)).input_tokens).to.be.above(512);
  });

  it("keeps what a client wants to find again", async () => {
    const metadata = { topic: "places" };
    const response = await client.responses.create({
      ...{ ...asked, metadata, user: "u", max_output_tokens: 1, stream: false },
      ...{ stream_options: { include_obfuscation: false } },
    });
    expect(response).to.deep.include({ metadata, user: "u" });
  });

  it("ends with a client that leaves, and is not kept then", async () => {
    const kept = readdirSync(server.responses);
    const stream = await client.responses.create({ ...asked, stream: true });
    for await (const _ of stream) break;
    while (server.service.scheduler.report().running > 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(readdirSync(server.responses)).to.have.members(kept);
  });

  const wrong: readonly (readonly [title: string, options: object, told: object])[] = [
    ["an unknown field", { colour: 1 }, { param: "colour" }],
    ["no input", { input: undefined }, { param: "input" }],
    ["a wrong type", { temperature: "hot" }, { param: "temperature" }],
    ["a range", { top_logprobs: 21 }, { param: "top_logprobs" }],
    ["a conversation", { conversation: "conv_1" }, { param: "conversation" }],
    ["a stored prompt", { prompt: { id: "p" } }, { param: "prompt" }],
    ["compaction", { context_management: [] }, { param: "context_management" }],
    ["reasoning", { reasoning: { effort: "low" } }, { param: "reasoning.effort" }],
    ["a verbosity", { text: { verbosity: "low" } }, { param: "text.verbosity" }],
    ["a search", { tools: [{ type: "web_search" }] }, { param: "tools[0].type" }],
    ["a tool without a name", { tools: [{ type: "function" }] }, { param: "tools[0].name" }],
    [
      "a choice of a search",
      { tool_choice: { type: "file_search" } },
      { param: "tool_choice.type" },
    ],
    [
      "a choice of no name",
      { tools: [add], tool_choice: { type: "function" } },
      { param: "tool_choice.name", code: "missing_required_parameter" },
    ],
    [
      "a choice among nothing",
      { tools: [add], tool_choice: { type: "allowed_tools", mode: "auto", tools: [null] } },
      { param: "tool_choice.tools[0]" },
    ],
    [
      "another tool",
      { tools: [add], tool_choice: { type: "function", name: "b" } },
      { param: "tool_choice" },
    ],
    ["a call of nothing", { tool_choice: "required" }, { param: "tool_choice" }],
    ["something else to include", { include: ["x"] }, { param: "include[0]" }],
    [
      "an unknown item",
      { input: [{ type: "reasoning", summary: [] }] },
      { param: "input[0].type" },
    ],
    ["an item without a role", { input: [{ content: "" }] }, { param: "input[0].role" }],
    [
      "a file",
      { input: [{ role: "user", content: [{ type: "input_file" }] }] },
      { param: "input" },
    ],
    [
      "a picture of a file",
      { input: [{ role: "user", content: [{ type: "input_image", file_id: "f" }] }] },
      { param: "input" },
    ],
    ["too much metadata", { metadata: { a: "x".repeat(513) } }, { param: "metadata.a" }],
    [
      "too long a text",
      { input: "x".repeat(999) },
      { param: "input", code: "context_length_exceeded" },
    ],
    [
      "a schema that is not strict",
      { text: { format: { ...format, schema: { type: "object" } } } },
      { param: "text.format", code: "invalid_json_schema" },
    ],
    [
      "parameters that are not strict",
      { tools: [{ ...add, parameters: { type: "object" } }] },
      { param: "tools[0].parameters", code: "invalid_function_parameters" },
    ],
  ];
  for (const [title, options, told] of wrong) {
    it(`refuses ${title}`, async () => {
      const error = await errorOf(client.responses.create({ ...asked, ...options }));
      expect(error).to.be.instanceOf(BadRequestError).and.to.be.instanceOf(APIError);
      expect(error).to.include(told);
      expect(error.message).to.not.contain("undefined");
    });
  }

  it("refuses an unknown model", async () => {
    const error = await errorOf(client.responses.create({ ...asked, model: "other" }));
    expect(error).to.be.instanceOf(NotFoundError).and.to.include({ code: "model_not_found" });
  });
});
