import { expect } from "chai";
import { describe, it } from "mocha";

import {
  conversationUnits,
  messagesFrom,
  messagesOf,
} from "../../../../framework/serve/conversation/conversationUnits.ts";

const said = (...texts: string[]) =>
  texts.map((text) => {
    const [role, content] = text.split(" ");
    return { role: role!, content: content! };
  });
const contents = (messages: readonly { content?: unknown }[]) =>
  messages.map(({ content }) => content);

describe("conversationUnits()", () => {
  const messages = said(
    ...["system a", "user b", "assistant c", "tool d", "assistant e"],
    ...["user f", "user g", "assistant h", "system i", "user j"],
  );
  const units = conversationUnits(messages);

  it("holds a turn of the user together with all that it caused", () => {
    expect(units.units.map(contents)).to.deep.equal([["b", "c", "d", "e"], ["f", "g", "h"], ["j"]]);
    expect(contents(messagesOf(units, 0, 1))).to.deep.equal(["b", "c", "d", "e"]);
    expect(contents(messagesOf(units, 1, 3))).to.deep.equal(["f", "g", "h", "j"]);
  });

  it("lets the system's messages stay in their places", () => {
    expect(contents(messagesFrom(units, 1))).to.deep.equal(["a", "f", "g", "h", "i", "j"]);
    expect(contents(messagesFrom(units, 2))).to.deep.equal(["a", "i", "j"]);
  });

  it("is found once for a conversation, however many turns it has", () => {
    const turns = Array.from({ length: 20_000 }, (_, i) => [`q${i}`, `a${i}`]);
    const long = conversationUnits(
      said("system s", ...turns.flatMap(([q, a]) => [`user ${q}`, `assistant ${a}`])),
    );
    expect(long.units.flatMap(contents).join()).to.equal(turns.join());
    const each = turns.map((_, i) => contents(messagesOf(long, i, i + 1)));
    expect(each.join()).to.equal(turns.join());
  });

  it("takes what comes before the first question as a unit", () => {
    const greeted = conversationUnits(said("assistant a", "user b"));
    expect(contents(messagesFrom(greeted, 1))).to.deep.equal(["b"]);
  });
});
