/** @file What parts of an answer say of each other, in recorded ones and in ours. */
import { expect } from "chai";

import type {
  Call,
  ChatBody,
  Choice,
  LogProbability,
  OutputItem,
  ResponseBody,
  ResponseEvent,
  Usage,
} from "./answerBodies.ts";
import type { ToldEvent } from "./transcripts.ts";

export function expectConsistentChat({ choices, usage }: ChatBody): void {
  expectSum(usage);
  for (const [i, choice] of choices.entries()) {
    expect(choice.index, "index of a choice").to.equal(i);
    expectEnd(choice, choice.message?.tool_calls ?? []);
  }
}

/** Chunks of one answer, its choices mixed. */
export function expectConsistentChunks(events: readonly ToldEvent[]): void {
  const chunks = events.flatMap(({ data }): ChatBody[] => (data ? [Object(data)] : []));
  for (const { id, created, model, system_fingerprint } of chunks) {
    const [first] = chunks;
    expect({ id, created, model, system_fingerprint }, "head of a chunk").to.deep.equal({
      id: first!.id,
      created: first!.created,
      model: first!.model,
      system_fingerprint: first!.system_fingerprint,
    });
  }
  for (const { usage } of chunks) expectSum(usage);
  const choices = chunks.flatMap((chunk) => chunk.choices);
  for (const index of new Set(choices.map((choice) => choice.index))) {
    expectConsistentChoice(choices.filter((choice) => choice.index === index));
  }
}

function expectConsistentChoice(parts: readonly Choice[]): void {
  const roles = parts.map(({ delta }) => delta?.role);
  expect(roles, "roles").to.deep.equal(parts.map((_, i) => (i === 0 ? "assistant" : undefined)));
  const calls: Call[] = [];
  for (const { delta, logprobs } of parts) {
    if (logprobs) expectTokens(logprobs.content, delta?.content ?? "");
    for (const call of delta?.tool_calls ?? []) addCall(calls, call);
  }
  for (const part of parts.slice(0, -1)) expect(part.finish_reason, "end").to.equal(null);
  expectEnd(parts.at(-1)!, calls);
}

/** A call begins with its name, as the next one; what follows goes to the end of its arguments. */
function addCall(calls: Call[], { index, id, function: called }: Call): void {
  if (id !== undefined) calls.push({ id, function: called });
  else {
    const { function: before, ...call } = calls.at(-1)!;
    const joined = before.arguments + called.arguments;
    calls[calls.length - 1] = { ...call, function: { ...before, arguments: joined } };
  }
  expect(index, "index of a call").to.equal(calls.length - 1);
}

function expectEnd({ finish_reason: finish }: Choice, calls: readonly Call[]): void {
  expect(finish === "tool_calls", `end ${finish} of ${calls.length} calls`).to.equal(
    calls.length > 0,
  );
  for (const { function: called } of calls) {
    expect(JSON.parse(called.arguments), "arguments").to.be.an("object");
  }
}

/** Tokens that have been cut are no text by themselves. */
const cut = "\u{FFFD}";

function expectTokens(tokens: readonly LogProbability[], text: string): void {
  expect(tokens.map(({ token }) => token).join(""), "tokens of a chunk").to.equal(text);
  for (const each of tokens) {
    const top = each.top_logprobs ?? [];
    for (const { token, bytes } of [each, ...top]) {
      if (!token.includes(cut)) expect([...bytes], token).to.deep.equal([...Buffer.from(token)]);
    }
    const likelihoods = top.map(({ logprob }) => logprob);
    expect(likelihoods, "best first").to.deep.equal(likelihoods.toSorted((a, b) => b - a));
    const same = top.find(({ token }) => token === each.token);
    if (same && !same.token.includes(cut)) expect(same.logprob, same.token).to.equal(each.logprob);
  }
}

function expectSum(usage: Usage | null | undefined): void {
  if (!usage) return;
  const asked = usage.prompt_tokens ?? usage.input_tokens ?? Number.NaN;
  const answered = usage.completion_tokens ?? usage.output_tokens ?? Number.NaN;
  expect(usage.total_tokens, "tokens of all").to.equal(asked + answered);
  const details = usage.prompt_tokens_details ?? usage.input_tokens_details;
  expect(details?.cached_tokens, "tokens that were known").to.be.within(0, asked);
}

export function expectConsistentResponse({ status, output, usage }: ResponseBody): void {
  expectSum(usage);
  for (const item of output) {
    expect(item.status, "status of what was said last").to.equal(status);
    if (item.arguments !== undefined) expect(JSON.parse(item.arguments)).to.be.an("object");
  }
}

/** Events of one response: what was said bit by bit is what it ends with. */
export function expectConsistentEvents(events: readonly ToldEvent[]): void {
  const told = events.flatMap(({ data }): ResponseEvent[] => (data ? [Object(data)] : []));
  const items: OutputItem[] = [];
  const texts: string[] = [];
  let last: ResponseBody | undefined;
  for (const [i, event] of told.entries()) {
    expect(event.type, "name of an event").to.equal(events[i]!.name);
    expect(event.sequence_number, "number of an event").to.equal(i);
    if (event.response) {
      expect(event.response.id, "id").to.equal((last ?? event.response).id);
      last = event.response;
    }
    const { output_index: index } = event;
    if (index === undefined) continue;
    if (event.type.endsWith("item.added")) {
      expect(index, "number of what is said").to.equal(items.length);
      items.push(event.item!);
    }
    if (event.type.endsWith("item.done")) {
      expect(event.item!.id).to.equal(items[index]!.id);
      items[index] = event.item!;
    }
    if (event.item_id !== undefined) expect(event.item_id).to.equal(items[index]!.id);
    texts[index] = (texts[index] ?? "") + (event.delta ?? "");
    for (const text of [event.text, event.arguments]) {
      if (text !== undefined) expect(text, "text of all deltas").to.equal(texts[index]);
    }
    if (event.type.endsWith("part.done")) expect(event.part!.text).to.equal(texts[index]);
    if (event.type.endsWith("item.done")) {
      const text = event.item!.arguments ?? event.item!.content?.map((part) => part.text).join("");
      expect(text, "text of all deltas").to.equal(texts[index]);
    }
  }
  expectConsistentResponse(last!);
  expect(last!.output, "output").to.deep.equal(items);
}
