import { expect } from "chai";
import { describe, it } from "mocha";

import { readJournalAddress } from "../../../../framework/sweep/postgres/journalAddress.ts";

const secret = "open-sesame";

describe("readJournalAddress()", () => {
  it("shows where a database is, and nothing of who uses it", () => {
    const url = `postgres://ada:${secret}@db.example:5433/sweeps?sslmode=require`;
    expect(readJournalAddress(undefined, { SEEDBED_JOURNAL: url })).to.deep.equal({
      url,
      shown: "postgres://db.example:5433/sweeps",
    });
    const socket = "postgresql:///sweeps?host=/run/postgresql";
    expect(readJournalAddress(socket, {})?.shown).to.equal("postgres:///run/postgresql/sweeps");
  });

  it("prefers what was typed to the environment, and may find neither", () => {
    const environment = { SEEDBED_JOURNAL: "postgres://a/one" };
    expect(readJournalAddress("postgres://b/two", environment)?.shown).to.equal("postgres://b/two");
    expect(readJournalAddress(undefined, {})).to.equal(undefined);
    expect(readJournalAddress(undefined, { SEEDBED_JOURNAL: "" })).to.equal(undefined);
  });

  for (const [what, text, problem] of [
    ["what is no address", `ada:${secret}`, "one that begins with ada:"],
    ["what cannot be read", `postgres://ada:${secret}@[/x`, "one that cannot be read"],
    ["another kind of server", `mysql://ada:${secret}@db/x`, "one that begins with mysql:"],
    ["an address without a database", `postgres://ada:${secret}@db/`, "the name of a database"],
  ] as const) {
    it(`refuses ${what}, without repeating it`, () => {
      const read = (): unknown => readJournalAddress(undefined, { SEEDBED_JOURNAL: text });
      expect(read).to.throw("Cannot use SEEDBED_JOURNAL: expected").with.property("message");
      expect(read).to.throw(problem);
      expect(read).not.to.throw(secret);
    });
  }

  for (const text of [`postgres://ada:${secret}@db/x`, `postgres://db/x?password=${secret}`]) {
    it(`refuses a password that was typed, as in ${text.replace(secret, "...")}`, () => {
      const read = (): unknown => readJournalAddress(text, {});
      expect(read).to.throw("put it into SEEDBED_JOURNAL, PGPASSWORD or ~/.pgpass");
      expect(read).not.to.throw(secret);
    });
  }
});
