import { hostname } from "node:os";

import { expect } from "chai";
import { describe, it } from "mocha";

import { addressOf } from "../../../../framework/web/server/listen.ts";

describe("addressOf()", () => {
  it("is one that a browser can open", () => {
    expect(addressOf("127.0.0.1", 8000)).to.equal("http://127.0.0.1:8000");
    expect(addressOf("::1", 8000)).to.equal("http://[::1]:8000");
    expect(addressOf("0.0.0.0", 80)).to.equal(`http://${hostname()}:80`);
  });
});
