import { expect } from "chai";
import { describe, it } from "mocha";

import { environmentRows } from "../../../../../framework/dashboard/page/run/environmentRows.ts";

describe("environmentRows()", () => {
  it("lists code, machine and packages with dotted names, and nothing else", () => {
    const manifest = {
      git: { commit: "abc", dirty: true },
      host: { memoryBytes: 8e9, cpu: null },
      environment: { args: ["-a", "b"] },
      id: "run",
    };
    expect(environmentRows(manifest)).to.deep.equal([
      ["git.commit", "abc"],
      ["git.dirty", "true"],
      ["host.memoryBytes", "8 GB"],
      ["environment.args", "-a b"],
    ]);
  });
});
