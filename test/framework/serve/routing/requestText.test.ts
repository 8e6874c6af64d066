import { expect } from "chai";
import { describe, it } from "mocha";

import {
  lastUserText,
  mostCharacters,
  userText,
} from "../../../../framework/serve/routing/requestText.ts";

const user = (content: string) => ({ role: "user" as const, content });

describe("userText() and lastUserText()", () => {
  it("are what users said, in all turns and in the last one", () => {
    const messages = [user("Hi"), { role: "assistant" as const, content: "Yes?" }, user("Why?")];
    expect(userText(messages)).to.equal("Hi\nWhy?");
    expect(lastUserText(messages)).to.equal("Why?");
  });

  it("leave out the middle of what is very long", () => {
    const messages = [user(`begin${"x".repeat(mostCharacters)}end`)];
    for (const text of [userText(messages), lastUserText(messages)]) {
      expect(text).to.have.length(mostCharacters);
      expect(text).to.match(/^beginx+end$/);
    }
  });
});
