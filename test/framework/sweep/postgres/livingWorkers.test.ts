import { expect } from "chai";
import { describe, it } from "mocha";

import { readWorkers } from "../../../../framework/sweep/postgres/livingWorkers.ts";
import { ownIdentity } from "../../../../framework/tracking/runLock.ts";

describe("readWorkers()", () => {
  const own = JSON.stringify(ownIdentity());
  const gone = JSON.stringify({ ...ownIdentity(), processStart: "another" });
  const cases = [
    ["lives, on this machine", own, "this", 1, true],
    ["is gone, on this machine", gone, "this", 1, false],
    ["is gone, as far as one could see from here", gone, "other", 119, true],
    ["says nothing any more, on another machine", own, "other", 121, false],
    ["says nothing any more, as a stopped process does", own, "this", 121, false],
    ["cannot be looked for, as no machine has a name", gone, "", 1, true],
    ["has left what cannot be read", "{", "other", 1, false],
  ] as const;
  for (const [what, owner, machine, silence, isAlive] of cases) {
    it(`tells ${isAlive ? "as living" : "as gone"} one that ${what}`, async () => {
      const row = { worker: "w", place: "p", machine, owner, silence };
      const queries = { query: async () => [row] };
      const { living, gone: left } = await readWorkers(
        queries,
        "key",
        machine === "" ? "" : "this",
      );
      expect([[...living.keys()], left]).to.deep.equal(isAlive ? [["w"], []] : [[], ["w"]]);
    });
  }
});
