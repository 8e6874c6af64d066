import { expect } from "chai";
import { describe, it } from "mocha";

import { CallReader, type SaidPart } from "../../../../framework/serve/chat/callReader.ts";
import { HeldBackText } from "../../../../framework/serve/chat/heldBackText.ts";

/** Parts of a text that comes in pieces, with neighbours of one kind joined. */
function read(pieces: readonly string[]): SaidPart[] {
  const reader = new CallReader();
  const joined: SaidPart[] = [];
  for (const part of [...pieces.flatMap((piece) => reader.add(piece)), ...reader.end()]) {
    const last = joined.at(-1);
    if (part.kind !== "callStart" && last?.kind === part.kind) {
      joined.splice(-1, 1, { kind: part.kind, text: last.text + part.text });
    } else joined.push(part);
  }
  return joined;
}

const said =
  'Well: <tool_call>\n{"name":"add","arguments":{"a":1,"b":"}\\n<"}}\n</tool_call>\n<tool_call>\n{"name":"n\\"ow","arguments":{}}\n</tool_call>';
const parts: SaidPart[] = [
  { kind: "text", text: "Well: " },
  { kind: "callStart", name: "add" },
  { kind: "callArguments", text: '{"a":1,"b":"}\\n<"}' },
  { kind: "callStart", name: 'n"ow' },
  { kind: "callArguments", text: "{}" },
];

describe("CallReader", () => {
  it("reads text and calls, however they are cut", () => {
    for (const size of [1, 2, 3, 7, 1000]) {
      const pieces = said.match(new RegExp(`[^]{1,${size}}`, "g"))!;
      expect(read(pieces), `pieces of ${size}`).to.deep.equal(parts);
    }
  });

  it("tells a call's arguments while they come", () => {
    const reader = new CallReader();
    reader.add('<tool_call>\n{"name":"add","arguments":');
    expect(reader.add('{"a":')).to.deep.equal([{ kind: "callArguments", text: '{"a":' }]);
  });

  it("is text where no call begins", () => {
    expect(read(["a <tool", "_box> b"])).to.deep.equal([{ kind: "text", text: "a <tool_box> b" }]);
    expect(read(["a <tool_call>"])).to.deep.equal([{ kind: "text", text: "a <tool_call>" }]);
  });
});

describe("HeldBackText", () => {
  it("holds back what may begin a mark, and no more", () => {
    const text = new HeldBackText(["END", "E!"]);
    expect(text.add("the E")).to.deep.equal({ told: "the " });
    expect(text.add("N")).to.deep.equal({ told: "" });
    expect(text.add("T EN")).to.deep.equal({ told: "ENT " });
    expect(text.end()).to.equal("EN");
  });

  it("finds the first mark", () => {
    const text = new HeldBackText(["END", "E!"]);
    expect(text.add("a E! b END c")).to.deep.equal({ told: "a ", mark: "E!", rest: " b END c" });
  });
});
