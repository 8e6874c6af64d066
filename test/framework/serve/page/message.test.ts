import { expect } from "chai";
import { describe, it } from "mocha";

import { extended, openCalls, type Message } from "../../../../framework/serve/page/message.ts";

describe("extended()", () => {
  it("puts text and calls together, as they come", () => {
    const deltas = [
      { content: "We" },
      { content: "ll" },
      { tool_calls: [{ index: 0, id: "a", function: { name: "add", arguments: "" } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"a":' } }] },
      { tool_calls: [{ index: 0, function: { arguments: "1}" } }] },
      { tool_calls: [{ index: 1, id: "b", function: { name: "now", arguments: "{}" } }] },
    ];
    const start: Message = { role: "assistant", content: "" };
    expect(deltas.reduce<Message>(extended, start)).to.deep.equal({
      ...{ role: "assistant", content: "Well" },
      tool_calls: [
        { id: "a", type: "function", function: { name: "add", arguments: '{"a":1}' } },
        { id: "b", type: "function", function: { name: "now", arguments: "{}" } },
      ],
    });
  });
});

describe("openCalls()", () => {
  it("are those without a result", () => {
    const call = (id: string) => ({
      id,
      type: "function" as const,
      function: { name: id, arguments: "" },
    });
    const messages: Message[] = [
      { role: "assistant", content: null, tool_calls: [call("a"), call("b")] },
      { role: "tool", content: "1", tool_call_id: "a" },
    ];
    expect(openCalls(messages)).to.deep.equal([call("b")]);
  });
});
