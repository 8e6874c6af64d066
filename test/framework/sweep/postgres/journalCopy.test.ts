import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { expect } from "chai";
import { describe, it } from "mocha";

import type { JournalEvent } from "../../../../framework/sweep/journal.ts";
import type { Queries, Row } from "../../../../framework/sweep/postgres/database.ts";
import { JournalCopy } from "../../../../framework/sweep/postgres/journalCopy.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const event = (trial: number, place: string, what: "started" | "ended"): JournalEvent => ({
  ...{ id: `trial00${trial}`, trial, time: "2026-01-01T00:00:00.000Z", place },
  ...(what === "started" ? { event: what } : { event: what, outcome: "finished", seconds: 1 }),
});

describe("JournalCopy", () => {
  const folder = temporaryFolder();
  const file = (): string => folder.path("sweep.jsonl");
  const copy = (): JournalCopy =>
    new JournalCopy({
      attachment: { sweep: "key", place: "here" },
      journalFile: file(),
      runFolder: (id) => folder.path(id),
    });
  const linesOf = (events: readonly JournalEvent[]): string[] =>
    events.map((each) => JSON.stringify(each));
  const text = (events: readonly JournalEvent[]): string =>
    linesOf(events)
      .map((line) => `${line}\n`)
      .join("");

  /** Answers as a database that has these. @param runs places by the trials' ids */
  function database(events: readonly JournalEvent[], runs: Record<string, string> = {}): Queries {
    const files = gzipSync(JSON.stringify({ "spec.yaml": "a: 1\n" }));
    return {
      async query(sql, [, what] = []): Promise<Row[]> {
        if (sql.includes("seedbed_event"))
          return linesOf(events)
            .slice(Number(what))
            .map((line) => ({ line }));
        return Object.entries(runs).flatMap(([id, place]) =>
          Array.isArray(what) && what.includes(id) ? [{ id, place, files }] : [],
        );
      },
    };
  }

  it("has all lines, however often and by whom they are taken in", async () => {
    const events = [
      event(1, "here", "started"),
      event(1, "here", "ended"),
      event(2, "here", "started"),
    ];
    const [one, two] = [copy(), copy()];
    await one.pull(database(events.slice(0, 1)));
    await two.pull(database(events.slice(0, 2)));
    await Promise.all([one.pull(database(events)), two.pull(database(events))]);
    expect(readFileSync(file(), "utf8")).to.equal(text(events));
  });

  it("mends a last line that a killed process has left", async () => {
    const events = [event(1, "here", "started"), event(1, "here", "ended")];
    folder.write({ "sweep.jsonl": `${text(events.slice(0, 1))}{"id":"tri` });
    await copy().pull(database(events));
    expect(readFileSync(file(), "utf8")).to.equal(text(events));
  });

  it("has the runs that have ended elsewhere", async () => {
    const events = [
      ...[event(1, "there", "started"), event(1, "there", "ended"), event(2, "there", "started")],
      ...[event(3, "here", "ended"), event(4, "there", "ended")],
    ];
    const places = { trial001: "there", trial002: "there", trial003: "here", trial004: "here" };
    await copy().pull(database(events, places));
    const has = [1, 2, 3, 4].filter((trial) => existsSync(folder.path(`trial00${trial}`)));
    expect(has).to.deep.equal([1]); // 4 has been begun anew here
  });

  it("follows no id out of its folder", async () => {
    const evil = { ...event(1, "there", "ended"), id: "../evil" };
    await copy().pull(database([evil], { "../evil": "there" }));
    expect(existsSync(folder.path("../evil"))).to.equal(false);
  });

  it("refuses a database that is not what it was", async () => {
    const events = [event(1, "here", "started"), event(1, "here", "ended")];
    await copy().pull(database(events));
    await copy().check(database(events));
    for (const other of [[events[0]!, event(2, "here", "started")], [events[0]!]]) {
      const error = await copy()
        .check(database(other))
        .catch((cause: unknown) => cause);
      expect(String(error)).to.match(
        /^InputError: Cannot go on with .*: its line 2 is not that of the journal/,
      );
    }
  });
});
