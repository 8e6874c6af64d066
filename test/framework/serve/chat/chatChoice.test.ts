import { expect } from "chai";
import { describe, it } from "mocha";

import type { FinishReason } from "../../../../framework/decode/generation/generation.ts";
import type { SaidPart } from "../../../../framework/serve/chat/callReader.ts";
import { ChatChoice } from "../../../../framework/serve/chat/chatChoice.ts";

const entries = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));

interface TellOptions {
  readonly readsCalls?: boolean;
  readonly stopsAfterCall?: boolean;
  /** With the text's last byte; default: a token after it that ends it. */
  readonly reason?: FinishReason;
}

/** What becomes of a text that comes byte by byte, with neighbours of one kind joined. */
function told(
  said: string,
  stop: readonly string[],
  { readsCalls = true, stopsAfterCall = false, reason }: TellOptions = {},
): { parts: SaidPart[]; finish: string | undefined } {
  const options = { entries, stop, readsCalls, hasLogprobs: false, stopsAfterCall };
  const choice = new ChatChoice(options);
  const bytes = [...new TextEncoder().encode(said)];
  const tokens = bytes.map((token, i) => ({
    ...{ text: 0, token, cachedTokens: 0 },
    finishReason: i === bytes.length - 1 ? reason : undefined,
  }));
  const end = { text: 0, token: 0, cachedTokens: 0, finishReason: "stopToken" as const };
  const parts: SaidPart[] = [];
  let finish: string | undefined;
  for (const token of [...tokens, ...(reason ? [] : [end])]) {
    const news = choice.add(token);
    for (const part of news.parts) {
      const last = parts.at(-1);
      if (part.kind !== "callStart" && last?.kind === part.kind) {
        parts.splice(-1, 1, { kind: part.kind, text: last.text + part.text });
      } else parts.push(part);
    }
    ({ finish } = news);
    if (finish) break;
  }
  return { parts, finish };
}

const call = '<tool_call>\n{"name":"add","arguments":{"a":{"b":"END"}}}\n</tool_call>';
const callParts: SaidPart[] = [
  { kind: "callStart", name: "add" },
  { kind: "callArguments", text: '{"a":{"b":"END"}}' },
];
const text = (said: string): SaidPart => ({ kind: "text", text: said });

describe("ChatChoice", () => {
  for (const stop of ["\n", "}", "END", '"name"', "<tool", "add", "</tool_call>", ">\n"]) {
    it(`does not end calls at ${JSON.stringify(stop)}`, () => {
      const { parts, finish } = told(`${call}\n${call}`, [stop]);
      expect(parts).to.deep.equal([...callParts, ...callParts]);
      expect(finish).to.equal("tool_calls");
    });
  }

  it("ends text at a stop text, before a call or where none is offered", () => {
    for (const readsCalls of [true, false]) {
      const { parts, finish } = told(`It is\n${call}`, ["\n"], { readsCalls });
      expect(parts).to.deep.equal([text("It is")]);
      expect(finish).to.equal("stop");
    }
    expect(told("1 <toon> 2", ["<too"]).parts).to.deep.equal([text("1 ")]);
    expect(told("1 <tool_", ["END"]).parts).to.deep.equal([text("1 <tool_")]);
  });

  it("tells what was the beginning of no stop text before a call, and at the end", () => {
    expect(told(`It is EN${call}`, ["END"]).parts).to.deep.equal([text("It is EN"), ...callParts]);
    expect(told("It is EN", ["END"]).parts).to.deep.equal([text("It is EN")]);
    const cut = told("It is EN", ["END"], { reason: "length" });
    expect(cut).to.deep.equal({ parts: [text("It is EN")], finish: "length" });
  });

  it("just stops after a call that was asked for by its name", () => {
    expect(told(call, ["}"], { stopsAfterCall: true })).to.deep.equal({
      ...{ parts: callParts, finish: "stop" },
    });
  });
});
