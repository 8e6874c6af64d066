import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { checkNotAttached } from "../../framework/sweep/postgres/attachment.ts";
import { four, serverWorkshop, type OpenOptions } from "./serverWorkshop.ts";
import { server } from "./sharedServer.ts";

describe("a journal in PostgreSQL", () => {
  const { workshop, warned, database, open, work, alone, sweepOf, failure } = serverWorkshop();

  describe("refuses, before anything starts,", () => {
    const cannot = (problem: string): RegExp =>
      new RegExp(`^InputError: Cannot use the journal postgres://127.0.0.1:\\d+/\\w+: ${problem}`);
    const refusal = (options: OpenOptions = {}, place = "one", text = four): Promise<string> =>
      failure(open(workshop.plan(text), place, options));

    it("a server that is not there", async () => {
      const url = "postgres://u:some-secret-word@127.0.0.1:1/sweeps";
      expect(await refusal({ url })).to.match(
        cannot(String.raw`nobody answers there \(ECONNREFUSED\)`),
      );
    });

    it("a host that there is not", async () => {
      const text = await refusal({ url: "postgres://no-such-host.invalid/sweeps" });
      expect(text).to.match(
        /Cannot use the journal postgres:\/\/no-such-host.invalid\/sweeps: its host is not known/,
      );
    });

    it("a wrong password, and none", async () => {
      const wrong = await refusal({ url: server().address(database, "seedbed", "wrong-secret") });
      expect(wrong).to.match(
        cannot(
          "expected a user and a password that the server takes, got: password authentication failed",
        ),
      );
      expect(wrong).not.to.include("wrong-secret");
      const none = server()
        .address(database)
        .replace(/:[^:@]*@/, "@");
      expect(await refusal({ url: none })).to.match(cannot("expected a user and a password"));
    });

    it("a database that there is not", async () => {
      const text = await refusal({ url: server().address("nowhere") });
      expect(text).to.match(cannot('database "nowhere" does not exist; make it with createdb'));
    });

    it("a user who may not make tables, or may not write", async () => {
      server().sql("CREATE ROLE reader LOGIN PASSWORD 'reads' ", database);
      const url = server().address(database, "reader", "reads");
      expect(await refusal({ url })).to.match(
        cannot("expected a user that may use it, got: permission denied for schema public"),
      );
      await open(workshop.plan(four), "one");
      server().sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", database);
      expect(await refusal({ url }, "two")).to.match(
        cannot("its user reader lacks INSERT on seedbed_sweep and 11 more rights"),
      );
    });

    it("tables of a later version", async () => {
      await open(workshop.plan(four), "one");
      server().sql("UPDATE seedbed_schema SET version = 2", database);
      expect(await refusal()).to.match(cannot("expected tables of version 1, got version 2"));
    });

    it("another sweep of the same name, or another version of Seedbed", async () => {
      await open(workshop.plan(four), "one");
      const other = "parameters: { data.slope: { values: [1, 2] } }\n";
      expect(await refusal({}, "two", other)).to.match(
        /has another sweep of that name, \w{8} of Seedbed 1, begun on .*, where this is \w{8} of Seedbed 1; give one of them another name/,
      );
      expect(await refusal({ version: "2" }, "two")).to.match(/where this is \w{8} of Seedbed 2/);
      expect(await refusal({}, "one", other)).to.equal(""); // its file may be edited where it has begun
    });

    it("a second worker, unless it joins, but not behind one that has died", async () => {
      const sweep = await open(workshop.plan(four), "one");
      await sweep.meeting.workers.join(false);
      const other = await open(workshop.plan(four), "two");
      const text = await failure(other.meeting.workers.join(false));
      expect(text).to.match(new RegExp(`it is in use by process ${process.pid} on .*; add --join`));
      const dead = JSON.stringify({ pid: 2 ** 30, host: "x", processStart: "" });
      server().sql(`UPDATE seedbed_worker SET owner = '${dead}'`, database);
      expect(await other.meeting.workers.join(false)).to.equal(true);
      await sweep.meeting.workers.leave();
      await other.meeting.workers.leave();
    });

    it("a folder whose journal is its own, or another database's", async () => {
      await alone(workshop.plan(four));
      expect(await refusal({}, "alone")).to.include("the sweep has begun with");
      await work(workshop.plan(four), "one");
      expect(() => checkNotAttached(sweepOf("one"))).to.throw(
        "its journal is in a database; give that with --journal",
      );
      server().sql("DELETE FROM seedbed_sweep", database);
      expect(await refusal()).to.match(/it does not have it, and .* belongs to one/);
      await open(workshop.plan(four), "two");
      expect(await refusal()).to.match(/it has another sweep of that name, and .* belongs to one/);
    });

    it("a database that lacks what the folder has", async () => {
      await work(workshop.plan(four), "one");
      server().sql("DELETE FROM seedbed_event WHERE number = 8", database);
      expect(await refusal()).to.match(/its line 8 is not that of the journal in the database/);
    });

    it("a second folder of a population", async () => {
      await open(workshop.plan(four), "one", { sharesCheckpoints: true });
      expect(await refusal({ sharesCheckpoints: true }, "one")).to.equal("");
      const text = await refusal({ sharesCheckpoints: true }, "two");
      expect(text).to.include("members of a population take each other's checkpoints");
    });
  });

  it("writes no secret into any file", async () => {
    const secret = "a-secret-of-sixteen";
    server().sql(`CREATE ROLE writer SUPERUSER LOGIN PASSWORD '${secret}'`, database);
    await work(workshop.plan(four), "one", { url: server().address(database, "writer", secret) });
    const files = readdirSync(workshop.path("."), { recursive: true, withFileTypes: true });
    const texts = files.flatMap((each) =>
      each.isFile() ? [readFileSync(path.join(each.parentPath, each.name), "utf8")] : [],
    );
    expect(texts.length).to.be.greaterThan(10);
    for (const text of [...texts, ...warned]) expect(text).not.to.include(secret);
  });

  it("makes nothing for who only wants to read", async () => {
    mkdirSync(sweepOf("one"), { recursive: true });
    expect(await failure(open(workshop.plan(four), "one", { starts: false }))).to.include(
      "it does not have it; start it first",
    );
  });
});
