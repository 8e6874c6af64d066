import { expect } from "chai";
import { describe, it } from "mocha";

import type { Asker } from "../../../../framework/serve/asker.ts";
import { chatPrompt, countChatTokens } from "../../../../framework/serve/chat/chatPrompt.ts";
import type { ChatRequest } from "../../../../framework/serve/chat/chatRequest.ts";
import { mostBytesAtOnce } from "../../../../framework/serve/conversation/textBytes.ts";
import type { LanguageService } from "../../../../framework/serve/languageService.ts";
import { errorOf } from "../../../support/compiled.ts";
import { languageServers } from "../../../support/languageServer.ts";

const user = (content: string) => ({ role: "user" as const, content });
const assistant = (content: string) => ({ role: "assistant" as const, content });

describe("chatPrompt() and countChatTokens(), of texts that are too long", () => {
  const { service } = languageServers();
  const asker = (signal = new AbortController().signal): Asker => ({
    ...{ signal, owner: "" },
    begin: () => ({ token: () => {}, end: () => {} }),
  });

  /** The model, and the longest text that it turned into tokens. */
  function watched(own: object = {}): { model: LanguageService; longest: () => number } {
    let longest = 0;
    const promptTokens: LanguageService["promptTokens"] = (messages, tools, pictures) => {
      longest = Math.max(longest, JSON.stringify([messages, tools]).length);
      return service().promptTokens(messages, tools, pictures);
    };
    const fields = { ...own, promptTokens };
    const model: LanguageService = Object.create(
      service(),
      Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, { value }])),
    );
    return { model, longest: () => longest };
  }
  const long = (): string => "a".repeat(service().windowBytes + 1);
  const huge = "a".repeat(mostBytesAtOnce + 1);
  const tool = (description: string) => ({
    type: "function" as const,
    function: { name: "f", description },
  });

  const wrong: readonly (readonly [string, () => Omit<ChatRequest, "model">, object?])[] = [
    ["a message", () => ({ messages: [user(long())] })],
    ["a part", () => ({ messages: [{ role: "user", content: [{ type: "text", text: long() }] }] })],
    ["many messages", () => ({ messages: long().split("").map(user) })],
    ["tools", () => ({ messages: [user("Hi")], tools: [tool(long())] })],
    [
      "arguments of a call",
      () => {
        const called = { name: "f", arguments: JSON.stringify({ a: long() }) };
        const call = { id: "a", function: called };
        return { messages: [user("Hi"), { role: "assistant", tool_calls: [call] }] };
      },
    ],
    ["the last turn", () => ({ messages: [user(long())], truncation: "auto" })],
    [
      "the system's message",
      () => ({
        messages: [{ role: "system", content: long() }, user("Hi")],
        truncation: "summarize",
      }),
    ],
    [
      "an earlier turn that is very long",
      () => ({ messages: [user(huge), assistant("Yes."), user("Hi")], truncation: "auto" }),
    ],
    [
      "a text without a window",
      () => ({ messages: [user(huge)], truncation: "streaming" }),
      { isEndless: true },
    ],
  ];
  for (const [title, request, own] of wrong) {
    it(`refuse ${title}, before it is turned into tokens`, async () => {
      const { model, longest } = watched(own);
      const error = await errorOf(chatPrompt(model, { model: "nano", ...request() }, asker()));
      expect(error).to.have.nested.property("body.error.code", "context_length_exceeded");
      expect(error).to.have.nested.property("body.error.param", "messages");
      expect(longest()).to.be.below(1000);
    });
  }

  it("refuse to count a text that is very long, and count one that has no room", async () => {
    const { model, longest } = watched();
    const { signal } = new AbortController();
    const count = (content: string) =>
      countChatTokens(model, { model: "nano", messages: [user(content)] }, signal);
    const error = await errorOf(count(huge));
    expect(error).to.have.nested.property("body.error.code", "context_length_exceeded");
    expect(longest()).to.equal(0);
    expect(await count(long())).to.be.above(model.window);
  });

  it("let timers go on while a long text is turned into tokens", async () => {
    const { signal } = new AbortController();
    const messages = [user("antidisestablishmentarianism".repeat(10_000))];
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await countChatTokens(service(), { model: "nano", messages }, signal);
    clearInterval(timer);
    expect(ticks).to.be.above(3);
  });

  it("drop an earlier turn that has no room by itself", async () => {
    const messages = [user(long()), assistant("Yes."), user("Hi")];
    const request = { model: "nano", messages, truncation: "auto" } as const;
    const { truncation } = await chatPrompt(service(), request, asker());
    expect(truncation).to.include({ dropped_messages: 2, dropped_turns: 1 });
    expect(truncation!.dropped_tokens).to.be.above(service().window);
  });

  it("count no more turns when the client has left", async () => {
    const left = new AbortController();
    let counted = 0;
    const model: LanguageService = Object.create(service(), {
      promptTokens: {
        value: (...given: Parameters<LanguageService["promptTokens"]>) => {
          if (++counted === 5) left.abort();
          return service().promptTokens(...given);
        },
      },
    });
    const turns = Array.from({ length: 50 }, (_, i) => [user(`Left ${i}?`), assistant("Yes.")]);
    const messages = [...turns.flat(), user("Hi")];
    const request = { model: "nano", messages, truncation: "auto" } as const;
    const error = await errorOf(chatPrompt(model, request, asker(left.signal)));
    expect(error.name).to.equal("AbortError");
    expect(counted).to.be.at.most(6);
  });
});
