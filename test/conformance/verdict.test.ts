import { expect } from "chai";
import { describe, it } from "mocha";

import { verdictOn } from "./verdict.ts";

const passing = { name: "add adds", passed: true, messages: [] };
const failing = { name: "tan is exact", passed: false, messages: ["expected 1, got 2"] };
const exception = { spec: "tan is exact", kernel: "Tan", reason: "another library" };

describe("verdictOn()", () => {
  it("counts specs and prints why one failed", () => {
    expect(verdictOn([passing, failing], [])).to.deep.equal({
      passed: 1,
      failed: 1,
      messages: ["tan is exact\n  expected 1, got 2"],
      ok: false,
    });
  });

  it("counts an exception as failed, without being shocked", () => {
    expect(verdictOn([passing, failing], [exception])).to.deep.equal({
      passed: 1,
      failed: 1,
      messages: ["tan is exact\n  expected: another library"],
      ok: true,
    });
  });

  it("does not let an exception stay that passes", () => {
    const { ok, messages } = verdictOn([{ ...failing, passed: true }], [exception]);
    expect(ok).to.equal(false);
    expect(messages).to.deep.equal(["tan is exact\n  passes: take it off the list of exceptions"]);
  });

  it("is not content with no specs at all", () => {
    expect(verdictOn([], []).ok).to.equal(false);
  });
});
