import { expect } from "chai";
import { describe, it } from "mocha";

import { ApiError } from "../../../../framework/serve/apiError.ts";
import {
  checkReadable,
  checkWindow,
  mostBytesAtOnce,
  textBytes,
} from "../../../../framework/serve/conversation/textBytes.ts";

describe("textBytes()", () => {
  it("adds up texts in UTF-8, parts, calls with their results, and tools", () => {
    expect(textBytes([{ role: "user", content: "aé" }])).to.equal(3);
    const parts = [{ type: "text" as const, text: "ab" }, { type: "image" as const }];
    expect(textBytes([{ role: "user", content: parts }])).to.equal(2);
    const call = { function: { name: "f", arguments: { a: 1 } } };
    const calls = { role: "assistant", content: null, tool_calls: [call] };
    const result = { role: "tool", content: "2", tool_call_id: "id" };
    expect(textBytes([calls, result])).to.equal(JSON.stringify([call]).length + 3);
    expect(textBytes([], [call])).to.equal(JSON.stringify([call]).length);
  });
});

describe("checkWindow() and checkReadable()", () => {
  const small = { window: 10, windowBytes: 100 };

  it("refuse more bytes than the window has, or than are read at once", () => {
    expect(() => checkWindow(small, 100)).to.not.throw();
    expect(() => checkWindow(small, 101)).to.throw(
      ApiError,
      "This model's maximum context length is 10 tokens. However, your messages resulted in more: they have 101 bytes.",
    );
    expect(() => checkReadable(small, mostBytesAtOnce)).to.not.throw();
    expect(() => checkReadable(small, mostBytesAtOnce + 1)).to.throw(
      ApiError,
      "Expected messages of at most 1048576 bytes, got 1048577.",
    );
  });

  it("let a large window have all that it has room for", () => {
    const large = { window: 2 ** 20, windowBytes: 2 ** 22 };
    expect(() => checkReadable(large, 2 ** 22)).to.not.throw();
    expect(() => checkReadable(large, 2 ** 22 + 1)).to.throw(ApiError);
  });
});
