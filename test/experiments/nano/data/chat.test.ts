import { expect } from "chai";
import { describe, it } from "mocha";

import {
  chatTemplate,
  renderChat,
  toolSpec,
  type ChatMessage,
} from "../../../../experiments/nano/data/chat.ts";
import { dialogues } from "../../../../experiments/nano/data/dialogues.ts";
import { findTool } from "../../../../experiments/nano/tools/index.ts";
import { ChatTemplate } from "../../../../framework/tokenizers/chatTemplate.ts";

const weekday = toolSpec(findTool("weekday_of")!);

describe("chatTemplate", () => {
  const template = new ChatTemplate(chatTemplate);

  it("writes what renderChat() writes", () => {
    for (const { messages, tools } of dialogues({ seed: 5, split: "train", count: 60 })) {
      for (const addGenerationPrompt of [false, true]) {
        const rendered = template.render(
          messages.map((message) => ({ ...message })),
          { tools, addGenerationPrompt },
        );
        expect(rendered).to.equal(renderChat(messages, { tools, addGenerationPrompt }));
      }
    }
  });

  it("takes arguments as an object, functions without their wrapper, and pictures", () => {
    const call = { function: { name: "weekday_of", arguments: { date: "2024-02-29" } } };
    const messages = [
      { role: "user", content: [{ type: "image" }, { type: "text", text: "When?" }] },
      { role: "assistant", content: "So:", tool_calls: [call] },
    ];
    const rendered = template.render(messages, {
      tools: [weekday.function],
      addGenerationPrompt: false,
    });
    expect(rendered).to.match(
      /^<\|im_start\|>system\n<tools>\n\{"name":"weekday_of",.*\}\n<\/tools>/,
    );
    expect(rendered).to.include("user\n<image>When?<|im_end|>");
    expect(rendered).to.include(
      'So:\n<tool_call>\n{"name":"weekday_of","arguments":{"date":"2024-02-29"}}\n</tool_call><|im_end|>\n',
    );
  });
});

describe("renderChat()", () => {
  it("writes turns, and the beginning of the answer", () => {
    const messages: ChatMessage[] = [{ role: "user", content: "Hi." }];
    expect(renderChat(messages, { addGenerationPrompt: true })).to.equal(
      "<|im_start|>user\nHi.<|im_end|>\n<|im_start|>assistant\n",
    );
  });

  it("writes functions, calls and results", () => {
    const messages: ChatMessage[] = [
      { role: "system", content: "Answer briefly." },
      { role: "user", content: "Which weekday is 2024-02-29?" },
      {
        role: "assistant",
        content: null,
        tool_calls: [
          {
            id: "call_1",
            type: "function",
            function: { name: "weekday_of", arguments: '{"date":"2024-02-29"}' },
          },
        ],
      },
      { role: "tool", tool_call_id: "call_1", content: '{"weekday":"Thursday"}' },
      { role: "assistant", content: "It is a Thursday." },
    ];
    expect(renderChat(messages, { tools: [weekday] }).split("\n")).to.deep.equal([
      "<|im_start|>system",
      "Answer briefly.",
      "<tools>",
      '{"name":"weekday_of","description":"Find the day of the week of a date","parameters":{"type":"object","properties":{"date":{"type":"string","description":"A date as YYYY-MM-DD"}},"required":["date"],"additionalProperties":false}}',
      "</tools><|im_end|>",
      "<|im_start|>user",
      "Which weekday is 2024-02-29?<|im_end|>",
      "<|im_start|>assistant",
      "<tool_call>",
      '{"name":"weekday_of","arguments":{"date":"2024-02-29"}}',
      "</tool_call><|im_end|>",
      "<|im_start|>user",
      "<tool_response>",
      '{"weekday":"Thursday"}',
      "</tool_response><|im_end|>",
      "<|im_start|>assistant",
      "It is a Thursday.<|im_end|>",
      "",
    ]);
  });

  it("puts the picture's token where the picture stands", () => {
    const content = [{ type: "image" }, { type: "text", text: "What is it?" }] as const;
    expect(renderChat([{ role: "user", content }])).to.equal(
      "<|im_start|>user\n<image>What is it?<|im_end|>\n",
    );
  });
});
