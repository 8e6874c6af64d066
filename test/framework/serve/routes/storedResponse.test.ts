import { cpSync, readdirSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { BadRequestError, NotFoundError } from "openai";
import type OpenAI from "openai";

import { errorOf } from "../../../support/compiled.ts";
import { startTestServer, type TestServer } from "../../../support/servedResponses.ts";

const asked = { model: "nano", input: "What is the capital of France?", max_output_tokens: 6 };
const long = { model: "nano", input: "Hello.", background: true } as const;

describe("responses that are kept", () => {
  let server: TestServer;

  beforeEach(async () => {
    server = await startTestServer();
  });
  afterEach(async () => {
    await server.close();
    expect(server.warnings).to.deep.equal([]);
  });

  const create = (options: object = {}) => server.client.responses.create({ ...asked, ...options });
  const get = (id: string) => server.client.responses.retrieve(id);

  /** What a background response has become. */
  async function ended(id: string): Promise<OpenAI.Responses.Response> {
    for (;;) {
      const response = await get(id);
      if (response.status !== "queued" && response.status !== "in_progress") return response;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it("are found again, also by another server", async () => {
    const response = await create();
    expect(await get(response.id)).to.deep.equal(response);
    await server.restart();
    expect(await get(response.id)).to.deep.equal(response);
  });

  it("are continued, without their instructions, also by another server", async () => {
    const first = await create({ instructions: "Be brief.", temperature: 0 });
    await server.restart();
    const next = { input: "And of Spain?", temperature: 0 };
    const second = await create({ ...next, previous_response_id: first.id });
    const said = await create({
      temperature: 0,
      input: [
        { role: "user", content: asked.input },
        { role: "assistant", content: first.output_text },
        { role: "user", content: next.input },
      ],
    });
    expect(second.output_text).to.equal(said.output_text);
    expect(second.usage!.input_tokens).to.equal(said.usage!.input_tokens);
    expect(second.previous_response_id).to.equal(first.id);
    const third = await create({ previous_response_id: second.id, input: "And of Italy?" });
    expect(third.usage!.input_tokens).to.be.above(second.usage!.input_tokens);
  });

  it("are referred to item by item", async () => {
    const first = await create({ temperature: 0 });
    const [item] = first.output;
    const question = { role: "user" as const, content: "Again?" };
    const input = [{ type: "item_reference" as const, id: item!.id! }, question];
    const referred = await create({ input, temperature: 0 });
    const said = await create({ input: [item!, question], temperature: 0 });
    expect(referred.output_text).to.equal(said.output_text);
    const error = await errorOf(create({ input: [{ type: "item_reference", id: "msg_1" }] }));
    expect(error).to.be.instanceOf(NotFoundError);
  });

  it("tell what they were given, in pages", async () => {
    const { inputItems } = server.client.responses;
    const first = await create();
    const texts = ["a", "b", "c", "d"];
    const input = texts.map((content) => ({ role: "user", content }));
    const second = await create({ input, previous_response_id: first.id });
    const all: string[] = [];
    for await (const item of inputItems.list(second.id, { order: "asc", limit: 2 })) {
      all.push(Object(item).content[0].text);
    }
    expect(all).to.deep.equal([asked.input, first.output_text, ...texts]);
    const last = await inputItems.list(second.id, { limit: 2 });
    expect(last.data.map((item) => Object(item).content)).to.deep.equal([
      [{ type: "input_text", text: "d" }],
      [{ type: "input_text", text: "c" }],
    ]);
    expect(last.has_more).to.equal(true);
    const after = await errorOf(inputItems.list(second.id, { after: "msg_1" }));
    expect(after).to.be.instanceOf(NotFoundError);
  });

  it("are deleted", async () => {
    const { id } = await create();
    await server.client.responses.delete(id);
    expect(await errorOf(get(id))).to.be.instanceOf(NotFoundError);
    expect(await errorOf(server.client.responses.delete(id))).to.be.instanceOf(NotFoundError);
    expect(readdirSync(server.responses)).to.deep.equal([]);
  });

  it("are none where nothing is to be stored", async () => {
    const response = await create({ store: false });
    expect(response).to.deep.include({ store: false });
    expect(await errorOf(get(response.id))).to.be.instanceOf(NotFoundError);
    expect(readdirSync(server.responses)).to.deep.equal([]);
    const error = await errorOf(create({ store: false, background: true }));
    expect(error).to.be.instanceOf(BadRequestError).and.to.include({ param: "background" });
  });

  it("are made in the background, whoever leaves", async () => {
    const started = await create({ ...long, max_output_tokens: 12 });
    expect(started).to.deep.include({ status: "queued", background: true, output: [] });
    const response = await ended(started.id);
    expect(response.status).to.equal("incomplete");
    expect(response.usage!.output_tokens).to.equal(12);
    const stream = await server.client.responses.create({
      ...{ ...long, max_output_tokens: 200, temperature: 0 },
      stream: true,
    });
    let id = "";
    const types: string[] = [];
    for await (const event of stream) {
      if (event.type === "response.created") ({ id } = event.response);
      types.push(event.type);
      if (event.type === "response.output_text.delta") break;
    }
    expect(types.slice(0, 3)).to.deep.equal([
      ...["response.created", "response.queued", "response.in_progress"],
    ]);
    const left = types.length;
    const followed = server.client.responses.stream({ response_id: id, starting_after: left - 1 });
    const rest: number[] = [];
    followed.on("event", (event) => rest.push(event.sequence_number));
    const final = await followed.finalResponse();
    expect(rest).to.deep.equal(Array.from(rest.keys(), (i) => left + i));
    const whole = await ended(id);
    expect(final.output_text).to.equal(whole.output_text);
    await server.restart();
    const again = await server.client.responses.stream({ response_id: id }).finalResponse();
    expect(again.output_text).to.equal(whole.output_text);
  });

  it("are cancelled, as often as one likes", async () => {
    const { id } = await create(long);
    const cancel = (each: string) => server.client.responses.cancel(each);
    const cancelled = await cancel(id);
    expect(cancelled.status).to.equal("cancelled");
    expect(await cancel(id)).to.deep.equal(cancelled);
    await server.restart();
    expect(await get(id)).to.deep.include(cancelled);
    expect(server.service.scheduler.report()).to.include({ running: 0, waiting: 0 });
    const error = await errorOf(create({ previous_response_id: id }));
    expect(error)
      .to.be.instanceOf(BadRequestError)
      .and.to.include({ param: "previous_response_id" });
    const whole = await create();
    const foreground = await errorOf(cancel(whole.id));
    expect(foreground.message).to.contain("background=true");
  });

  it("are cancelled and deleted by clients that say what kind their empty bodies are", async () => {
    const { id } = await create(long);
    const url = `${server.client.baseURL}/responses/${id}`;
    const headers = { "content-type": "application/json" };
    const cancelled = await fetch(`${url}/cancel`, { method: "POST", headers });
    expect(cancelled.status).to.equal(200);
    expect(await cancelled.json()).to.include({ id, status: "cancelled" });
    const deleted = await fetch(url, { method: "DELETE", headers });
    expect(deleted.status).to.equal(200);
    expect(await deleted.json()).to.include({ id, deleted: true });
    const wrong = await fetch(url, { method: "DELETE", headers, body: "{" });
    expect(wrong.status).to.equal(400);
  });

  it("have failed where their server stopped before they ended", async () => {
    const { id } = await create(long);
    const crashed = path.join(server.folder, "crashed");
    cpSync(server.responses, crashed, { recursive: true });
    await server.client.responses.cancel(id);
    await server.restart({ folder: crashed });
    const failed = await get(id);
    expect(failed.status).to.equal("failed");
    expect(failed.error!.message).to.contain("server stopped");
    expect(failed).to.deep.include(await server.client.responses.cancel(id));
  });

  const nowhere = [
    ["another", `resp_${"0".repeat(48)}`],
    ["a path", "..%2F..%2Ftokenizer"],
    ["a file's name", `resp_${"0".repeat(48)}.json`],
  ] as const;
  for (const [title, id] of nowhere) {
    it(`are not found by ${title}`, async () => {
      const url = new URL(`/v1/responses/${id}`, server.client.baseURL);
      for (const [method, end] of [
        ["GET", ""],
        ["DELETE", ""],
        ["POST", "/cancel"],
        ["GET", "/input_items"],
      ] as const) {
        const answer = await fetch(url + end, { method });
        expect(answer.status).to.equal(404);
        const { error }: { error: object } = Object(await answer.json());
        expect(error).to.have.all.keys("message", "type", "param", "code");
        expect(error).to.include({ type: "invalid_request_error" });
      }
      const error = await errorOf(create({ previous_response_id: decodeURIComponent(id) }));
      expect(error).to.be.instanceOf(NotFoundError);
      expect(error).to.include({ code: "previous_response_not_found" });
    });
  }
});
