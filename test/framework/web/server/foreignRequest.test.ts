import { expect } from "chai";
import { describe, it } from "mocha";

import { isLoopback } from "../../../../framework/web/server/foreignRequest.ts";

describe("isLoopback()", () => {
  for (const { host, expected } of [
    { host: "127.0.0.1", expected: true },
    { host: "127.8.8.8", expected: true },
    { host: "::1", expected: true },
    { host: "localhost", expected: true },
    { host: "0.0.0.0", expected: false },
    { host: "::", expected: false },
    { host: "127.evil.example", expected: false },
  ]) {
    it(`is ${expected} for ${host}`, () => {
      expect(isLoopback(host)).to.equal(expected);
    });
  }
});
