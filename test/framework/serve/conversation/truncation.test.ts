import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { BadRequestError } from "openai";
import type OpenAI from "openai";

import type { TruncationReport } from "../../../../framework/serve/conversation/truncationReport.ts";
import { errorOf } from "../../../support/compiled.ts";
import { startTestServer, type TestServer } from "../../../support/servedResponses.ts";

type Message = OpenAI.ChatCompletionMessageParam;
const system: Message = { role: "system", content: "Be brief." };
const question = (n: number): Message => ({ role: "user", content: `Question ${n}: why is that?` });
const answer = (n: number): Message => ({ role: "assistant", content: `It is the number ${n}.` });
/** Questions with their answers, and one more question. */
const conversation = (turns: number, from = 0): Message[] => [
  system,
  ...Array.from({ length: turns }, (_, i) => [question(from + i), answer(from + i)]).flat(),
  question(from + turns),
];

describe("truncation of conversations that are too long", () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  async function ask(messages: Message[], options: object = {}) {
    const asked = { model: "nano", messages, max_tokens: 6, temperature: 0, ...options };
    const { data, response } = await server.client.chat.completions.create(asked).withResponse();
    const completion: OpenAI.ChatCompletion = Object(data);
    const report: TruncationReport = Object(data).truncation_report;
    return { completion, report, usage: completion.usage!, headers: response.headers };
  }
  const tokensOf = async (messages: Message[]): Promise<number> => {
    const input: OpenAI.Responses.ResponseInput = messages.map((each) => Object(each));
    const counted = await server.client.responses.inputTokens.count({ model: "nano", input });
    return counted.input_tokens;
  };

  it("is refused unless it is asked for", async () => {
    for (const truncation of [undefined, null, "disabled"]) {
      const error = await errorOf(
        ask(conversation(30), { ...(truncation !== undefined && { truncation }) }),
      );
      expect(error).to.be.instanceOf(BadRequestError);
      expect(error).to.include({ code: "context_length_exceeded", param: "messages" });
    }
  });

  it("says that nothing was dropped where nothing had to be", async () => {
    const { report, headers } = await ask(conversation(1), { truncation: "auto" });
    expect(report).to.deep.equal({
      ...{ strategy: "auto", dropped_messages: 0, dropped_turns: 0, dropped_tokens: 0 },
    });
    expect(headers.get("x-seedbed-truncation")).to.equal(
      "auto; dropped_messages=0; dropped_turns=0; dropped_tokens=0",
    );
    const { report: none, headers: without } = await ask(conversation(1));
    expect(none).to.equal(undefined);
    expect(without.has("x-seedbed-truncation")).to.equal(false);
  });

  it("drops the oldest turns, exactly as many tokens as it says, and answers what is left", async () => {
    const messages = conversation(30);
    const { completion, report, usage } = await ask(messages, { truncation: "auto" });
    const { dropped_messages, dropped_turns, dropped_tokens } = report;
    expect(dropped_messages)
      .to.equal(2 * dropped_turns)
      .and.above(0);
    expect(usage.prompt_tokens).to.be.at.most(512 - 6);
    expect(usage.prompt_tokens + dropped_tokens).to.equal(await tokensOf(messages));
    const left = await ask([system, ...messages.slice(1 + dropped_messages)]);
    expect(left.usage.prompt_tokens).to.equal(usage.prompt_tokens);
    expect(left.completion.choices[0]!.message.content).to.equal(
      completion.choices[0]!.message.content,
    );
  });

  it("finds what was computed for the turns before, but where it drops again", async () => {
    const drops: number[] = [];
    const known: boolean[] = [];
    const messages = conversation(30, 100);
    let last = 0;
    for (let turn = 131; turn < 140; turn++) {
      const { report, usage } = await ask(messages, { truncation: "auto" });
      known.push(usage.prompt_tokens_details!.cached_tokens! >= last - 1 && last > 0);
      drops.push(report.dropped_turns);
      last = usage.prompt_tokens;
      messages.push(answer(turn - 1), question(turn));
    }
    const cuts = drops.filter((drop, i) => i > 0 && drop !== drops[i - 1]).length;
    expect(cuts, "a block lasts for several turns").to.be.within(1, 4);
    expect(known.filter((isKnown) => !isKnown)).to.have.length(1 + cuts);
  });

  it("never parts calls from their results", async () => {
    const turn = (n: number): Message[] => [
      question(n),
      {
        ...{ role: "assistant", content: null },
        tool_calls: ["x", "y"].map((name) => ({
          ...{ id: `${name}${n}`, type: "function" },
          function: { name: "add", arguments: `{"a":${n}}` },
        })),
      },
      ...["x", "y"].map((name) => ({
        ...{ role: "tool" as const, tool_call_id: `${name}${n}`, content: String(n) },
      })),
      answer(n),
    ];
    for (const turns of [4, 5, 6, 7, 8]) {
      const messages = [system, ...Array.from({ length: turns }, (_, i) => turn(i)).flat()];
      const asked = [...messages, question(99)];
      const { report, usage } = await ask(asked, { truncation: "auto" });
      expect(report.dropped_messages, String(turns)).to.equal(5 * report.dropped_turns);
      expect(report.dropped_turns).to.be.above(0);
      const left = [system, ...asked.slice(1 + report.dropped_messages)];
      expect((await ask(left)).usage.prompt_tokens).to.equal(usage.prompt_tokens);
    }
  });

  it("keeps the system's messages and the last turn, and refuses them where they are too long", async () => {
    const later: Message = { role: "developer", content: "Answer in French." };
    const messages = [...conversation(30), later, answer(30), question(31)];
    const { report, usage } = await ask(messages, { truncation: "auto" });
    const left = messages.filter(
      (each, i) => each === later || i === 0 || i > report.dropped_messages,
    );
    expect(left).to.include(later);
    expect((await ask(left)).usage.prompt_tokens).to.equal(usage.prompt_tokens);
    const long: Message[] = [
      ...conversation(9),
      answer(9),
      { role: "user", content: "x".repeat(999) },
    ];
    const error = await errorOf(ask(long, { truncation: "auto" }));
    expect(error).to.include({ code: "context_length_exceeded" });
  });

  it("tells a stream's client in the first chunk, and its helper takes it", async () => {
    const stream = server.client.chat.completions.stream({
      ...{ model: "nano", messages: conversation(30), max_tokens: 6 },
      ...Object({ truncation: "auto" }),
    });
    const final = await stream.finalChatCompletion();
    expect(Object(final).truncation_report.dropped_turns).to.be.above(0);
  });

  it("puts a summary in place of what goes, which is made once", async () => {
    const messages = conversation(13, 200);
    const first = await ask(messages, { truncation: "summarize" });
    expect(first.report.dropped_turns).to.be.above(0);
    expect(first.report.summary_tokens).to.be.above(0);
    expect(first.report.summary_usage!.completion_tokens).to.be.above(0);
    expect(first.usage.prompt_tokens).to.be.at.most(512 - 6);
    const kept = (await ask([system, ...messages.slice(1 + first.report.dropped_messages)])).usage;
    expect(first.usage.prompt_tokens).to.equal(kept.prompt_tokens + first.report.summary_tokens!);
    const again = await ask(messages, { truncation: "summarize" });
    expect(again.report.summary_usage).to.deep.equal({ prompt_tokens: 0, completion_tokens: 0 });
    expect(again.usage.prompt_tokens).to.equal(first.usage.prompt_tokens);
  });

  it("summarizes what goes later together with the summary that is there", async () => {
    const messages = conversation(13, 300);
    const first = await ask(messages, { truncation: "summarize" });
    for (let n = 314; n < 320; n++) messages.push(answer(n - 1), question(n));
    const later = await ask(messages, { truncation: "summarize" });
    expect(later.report.dropped_turns).to.be.above(first.report.dropped_turns);
    const { prompt_tokens } = later.report.summary_usage!;
    expect(prompt_tokens).to.be.within(1, first.report.summary_usage!.prompt_tokens - 1);
  });

  it("is the same for responses, which tell it in their bodies and events", async () => {
    const { client } = server;
    const input: OpenAI.Responses.ResponseInput = conversation(30).map((each) => Object(each));
    const asked = { model: "nano", input, max_output_tokens: 6, temperature: 0 };
    const error = await errorOf(client.responses.create(asked));
    expect(error).to.include({ code: "context_length_exceeded", param: "input" });
    const { data, response } = await client.responses
      .create({ ...asked, truncation: "auto" })
      .withResponse();
    const chat = await ask(conversation(30), { truncation: "auto" });
    expect(Object(data).truncation_report).to.deep.equal(chat.report);
    expect(data.truncation).to.equal("auto");
    expect(data.output_text).to.equal(chat.completion.choices[0]!.message.content);
    expect(response.headers.get("x-seedbed-truncation")).to.match(/^auto; dropped_messages=/);
    const final = await client.responses.stream({ ...asked, truncation: "auto" }).finalResponse();
    expect(Object(final).truncation_report).to.deep.equal(chat.report);
    const next = { model: "nano", input: "And now?", max_output_tokens: 6 };
    const continued = await client.responses.create({
      ...{ ...next, previous_response_id: data.id, truncation: "auto" },
    });
    expect(Object(continued).truncation_report.dropped_turns).to.be.at.least(
      chat.report.dropped_turns,
    );
  });

  it("streams only where the server was started for that", async () => {
    const error = await errorOf(ask(conversation(30), { truncation: "streaming" }));
    expect(error).to.be.instanceOf(BadRequestError).and.to.include({ param: "truncation" });
    expect(error.message).to.contain("--streaming");
  });
});

describe("truncation by streaming", () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ isStreaming: true, rows: 2 });
  });
  after(() => server.close());

  it("reads all of a conversation, sees its first and last tokens, and goes on beyond the window", async () => {
    const { client } = server;
    const asked = { model: "nano", messages: conversation(30), seed: 4 };
    const told = { ...asked, ...Object({ truncation: "streaming" }) };
    const create = async (options: object) => {
      const answered: object = await client.chat.completions.create({ ...asked, ...options });
      const completion: OpenAI.ChatCompletion = Object(answered);
      const report: TruncationReport = Object(answered).truncation_report;
      return { usage: completion.usage!, report };
    };
    const answered = await create({
      ...told,
      max_tokens: 20,
      logit_bias: { 2: -100 },
    });
    expect(answered.usage.prompt_tokens).to.be.above(512);
    expect(answered.usage.completion_tokens).to.equal(20);
    expect(answered.report).to.deep.equal({
      ...{ strategy: "streaming", dropped_messages: 0, dropped_turns: 0, dropped_tokens: 0 },
      unseen_tokens: answered.usage.prompt_tokens - 512,
    });
    const error = await errorOf(client.chat.completions.create(asked));
    expect(error).to.include({ code: "context_length_exceeded" });
    const short = await create({ ...told, messages: conversation(1) });
    expect(short.report.unseen_tokens).to.equal(0);
  });
});
