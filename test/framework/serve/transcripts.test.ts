import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  RateLimitError,
} from "openai";

import { errorAnswer } from "../../../framework/serve/errorAnswer.ts";
import { addKey } from "../../../framework/serve/keys/keyFile.ts";
import { KeyRing } from "../../../framework/serve/keys/keyRing.ts";
import { languageServers } from "../../support/languageServer.ts";
import { startTestServer, type TestServer } from "../../support/servedResponses.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import {
  eventsOf,
  expectShape,
  kindOf,
  orderOf,
  transcriptOf,
  transcripts,
  type ToldEvent,
  type Transcript,
} from "../../support/transcripts.ts";

const input = "What is the capital of France?";
const chat = { model: "nano", messages: [{ role: "user", content: input }], temperature: 0 };
const response = { model: "nano", input, temperature: 0, store: false };
const parameters = {
  type: "object",
  properties: { city: { type: "string", maxLength: 4 } },
  required: ["city"],
  additionalProperties: false,
};
const called = { name: "get_weather", strict: true, parameters };
const calling = { tools: [{ type: "function", function: called }], tool_choice: "required" };
const schema = {
  ...{ type: "object", required: ["a"], additionalProperties: false },
  properties: { a: { type: "integer" } },
};
/** What a text of chance alone is to be: it comes to its end. */
const form = { name: "ev", strict: true, schema };
const format = { type: "json_schema", json_schema: form };

/** What gets an answer of each transcript's kind here; errors have tests of their own. */
const requests: Readonly<Record<string, object>> = {
  "chat.text": { ...chat, max_tokens: 40 },
  "chat.json_schema": { ...chat, response_format: format, max_tokens: 40 },
  "chat.tools": { ...chat, ...calling, max_tokens: 120 },
  "chat.stream.text": { ...chat, max_tokens: 40 },
  "chat.stream.text+usage": { ...chat, max_tokens: 40, stream_options: { include_usage: true } },
  "chat.stream.n2": { ...chat, max_tokens: 20, n: 2 },
  "chat.stream.logprobs": { ...chat, max_tokens: 20, logprobs: true, top_logprobs: 2 },
  "chat.stream.tools.parallel": { ...chat, ...calling, max_tokens: 120 },
  "responses.text": { ...response, text: { format: { ...form, type: "json_schema" } } },
  "responses.incomplete": { ...response, max_output_tokens: 2 },
  "responses.stream.text": { ...response, text: { format: { ...form, type: "json_schema" } } },
  "responses.stream.tool": {
    ...{ ...response, tools: [{ type: "function", ...called }], tool_choice: "required" },
    max_output_tokens: 120,
  },
};

const isStreamed = ({ contentType }: Transcript): boolean => contentType.includes("event-stream");

/** A client that is answered what was recorded. */
const clientOf = ({ text, status, contentType }: Transcript): OpenAI =>
  new OpenAI({
    ...{ apiKey: "none", maxRetries: 0 },
    fetch: async () => new Response(text, { status, headers: { "content-type": contentType } }),
  });

/** Has the official client read a transcript, through the helper that is meant for it. */
async function readBy(client: OpenAI, transcript: Transcript): Promise<unknown> {
  const { path, name } = transcript;
  if (path.endsWith("/models")) return client.models.list();
  if (name.startsWith("responses")) {
    if (!isStreamed(transcript)) return client.responses.create(Object(response));
    return client.responses.stream(Object(response)).finalResponse();
  }
  if (!isStreamed(transcript)) return client.chat.completions.create(Object(chat));
  return client.chat.completions.stream(Object(chat)).finalChatCompletion();
}

const classes: Readonly<Record<string, new (...args: never[]) => Error>> = {
  "err.400.context": BadRequestError,
  "err.400.schema": BadRequestError,
  "err.401": AuthenticationError,
  "err.404.model": NotFoundError,
  "err.429": RateLimitError,
  "chat.stream.error-midway": APIError,
};

describe("recorded answers of the API", () => {
  for (const transcript of transcripts) {
    const { name } = transcript;
    it(`are read by the official client: ${name}`, async () => {
      const read = await readBy(clientOf(transcript), transcript).catch((error: unknown) => error);
      const expected = classes[name];
      if (expected) expect(read).to.be.instanceOf(expected);
      else expect(read).to.not.be.instanceOf(Error);
    });
  }
});

describe("answers of a server, beside recorded ones", () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const post = (place: string, body: object): Promise<Response> =>
    fetch(new URL(place, server.client.baseURL), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  for (const transcript of transcripts) {
    const { name, path } = transcript;
    const request = requests[name];
    if (!request || isStreamed(transcript)) continue;
    it(`have the same form: ${name}`, async () => {
      const theirs: unknown = JSON.parse(transcript.text);
      const answer = await post(path, request);
      expect(answer.status).to.equal(transcript.status);
      const ours: unknown = await answer.json();
      expectShape(ours, theirs, name);
      if (name.endsWith("text")) return; // a model of chance alone comes to no end
      const endOf = (body: object): unknown =>
        Object(body).status ?? Object(body).choices[0].finish_reason;
      expect(endOf(Object(ours))).to.equal(endOf(Object(theirs)));
    });
  }

  /** As if a text had come to its end, which one of chance alone does not. */
  const kindsOf = (events: readonly ToldEvent[]): string[] => orderOf(events).map(asEnded);
  const asEnded = (kind: string): string => kind.replace("finish length", "finish stop");

  for (const transcript of transcripts) {
    const { name, path } = transcript;
    const request = requests[name];
    if (!request || !isStreamed(transcript)) continue;
    it(`have the same events in the same order: ${name}`, async () => {
      const answer = await post(path, { ...request, stream: true });
      expect(answer.headers.get("content-type")).to.equal(transcript.contentType);
      const [ours, theirs] = [eventsOf(await answer.text()), eventsOf(transcript.text)];
      for (const choice of name.endsWith("n2") ? [0, 1] : [undefined]) {
        const [own, recorded] = [ours, theirs].map((all) => ofChoice(all, choice));
        const [order, expected] = [kindsOf(own!), kindsOf(recorded!)];
        expect(order.slice(0, 3)).to.deep.equal(expected.slice(0, 3));
        expect([...new Set(order)]).to.deep.equal([...new Set(expected)]);
      }
      for (const told of theirs) {
        const kind = asEnded(kindOf(told));
        const same = ours.find((each) => asEnded(kindOf(each)) === kind);
        if (told.data === "[DONE]") expect(same, kind).to.not.equal(undefined);
        else expectShape(JSON.parse(same!.data), JSON.parse(told.data), `${name} ${kind}`);
      }
      if (path.endsWith("/chat/completions")) expect(ours.at(-1)!.data).to.equal("[DONE]");
    });
  }

  /** Without those of other choices. */
  function ofChoice(events: readonly ToldEvent[], choice: number | undefined): ToldEvent[] {
    if (choice === undefined) return [...events];
    return events.filter(({ data }) => {
      if (data === "[DONE]") return true;
      return JSON.parse(data).choices[0]?.index === choice;
    });
  }

  const errors: readonly (readonly [name: string, more: object])[] = [
    ["err.400.context", { messages: [{ role: "user", content: "x y ".repeat(999) }] }],
    [
      "err.400.schema",
      {
        response_format: {
          ...format,
          json_schema: { ...format.json_schema, schema: { type: "object", properties: {} } },
        },
      },
    ],
    ["err.404.model", { model: "x" }],
  ];
  for (const [name, more] of errors) {
    it(`have the same error: ${name}`, async () => {
      const answer = await post("/v1/chat/completions", { ...chat, ...more });
      expectError(answer.status, await answer.json(), transcriptOf(name));
    });
  }

  it("have the same error in mid-stream", () => {
    const [, told] = eventsOf(transcriptOf("chat.stream.error-midway").text);
    const { message: _, ...ours } = errorAnswer(new Error("broken"), () => {}).body.error;
    const { message: __, ...theirs } = JSON.parse(told!.data).error;
    expect(ours).to.deep.equal(theirs);
  });

  it("list models in the same form", async () => {
    const ours: unknown = await (await fetch(`${server.client.baseURL}/models`)).json();
    expectShape(ours, JSON.parse(transcriptOf("models.list").text), "models.list");
  });
});

/** All that a program goes by: everything but the words. */
function expectError(status: number, body: unknown, transcript: Transcript): void {
  const { message: _, ...told } = JSON.parse(transcript.text).error;
  expect(status).to.equal(transcript.status);
  const { message, ...ours } = Object(body).error;
  expect(ours).to.deep.equal(told);
  expect(message).to.be.a("string").and.to.not.equal("");
}

describe("errors of a server with keys, beside recorded ones", () => {
  const { open } = languageServers();
  const folder = temporaryFolder();

  it("are the same", async () => {
    const file = folder.path("keys.json");
    const createdAt = "2026-01-02T03:04:05.000Z";
    const key = addKey(file, { name: "ada", createdAt, requestsPerMinute: 1 });
    const { url } = await open({ keys: new KeyRing(file, { warn: () => {} }), host: "0.0.0.0" });
    const ask = (own: string): Promise<Response> =>
      fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${own}` },
        body: JSON.stringify({ ...chat, max_tokens: 1 }),
      });
    const wrong = await ask("wrong");
    expectError(wrong.status, await wrong.json(), transcriptOf("err.401"));
    expect((await ask(key)).status).to.equal(200);
    const tooSoon = await ask(key);
    expectError(tooSoon.status, await tooSoon.json(), transcriptOf("err.429"));
  });
});
