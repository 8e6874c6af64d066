import { readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import {
  Journal,
  JournalReader,
  readJournal,
  type JournalEvent,
} from "../../../framework/sweep/journal.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const at = { id: "abcd1234", trial: 1, time: "2026-01-01T00:00:00.000Z" };
const started: JournalEvent = { ...at, event: "started" };
const ended: JournalEvent = { ...at, event: "ended", outcome: "failed", seconds: 2, reason: "x" };

describe("Journal", () => {
  const folder = temporaryFolder();
  const file = (): string => folder.path("sweep.jsonl");

  it("keeps events in order, over processes", () => {
    for (const event of [started, ended]) {
      const journal = new Journal(file());
      journal.append(event);
      journal.close();
    }
    expect(readJournal(file())).to.deep.equal([started, ended]);
  });

  it("passes over a line that a killed process has begun, and takes it away", () => {
    folder.write({ "sweep.jsonl": `${JSON.stringify(started)}\n{"id":"ab` });
    expect(readJournal(file())).to.deep.equal([started]);
    const reader = new JournalReader(file());
    reader.read();
    const journal = new Journal(file());
    journal.cutAt(reader.bytes);
    journal.append(ended);
    journal.close();
    expect(reader.read()).to.deep.equal([ended]);
    expect(readFileSync(file(), "utf8")).to.equal(
      `${JSON.stringify(started)}\n${JSON.stringify(ended)}\n`,
    );
  });

  it("has no events where there is no file", () => {
    expect(readJournal(file())).to.deep.equal([]);
  });

  for (const line of ["{}", "not JSON", JSON.stringify({ ...at, event: "ended" })]) {
    it(`refuses the line ${line}`, () => {
      folder.write({ "sweep.jsonl": `${JSON.stringify(started)}\n${line}\n` });
      expect(() => readJournal(file())).to.throw(`sweep.jsonl:2: expected an event of a sweep`);
    });
  }
});
