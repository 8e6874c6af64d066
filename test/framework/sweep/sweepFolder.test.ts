import { expect } from "chai";
import { describe, it } from "mocha";

import { Journal, type JournalEvent } from "../../../framework/sweep/journal.ts";
import { SweepFolder } from "../../../framework/sweep/sweepFolder.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const at = { id: "trial001", trial: 1, time: "2026-01-01T00:00:00.000Z", worker: "w" };
const started: JournalEvent = { ...at, event: "started" };
const added: JournalEvent = { ...at, event: "added", sweep: "s", point: { a: 1 } };
const ended: JournalEvent = { ...at, event: "ended", outcome: "failed", seconds: 1 };

describe("SweepFolder", () => {
  const folder = temporaryFolder();
  const open = (): SweepFolder => new SweepFolder(folder.path(), "sweep");

  function keep(file: string, ...events: JournalEvent[]): void {
    const journal = new Journal(file);
    for (const event of events) journal.append(event);
    journal.close();
  }

  it("knows drafts as it does events, until it settles", () => {
    const sweep = open();
    keep(sweep.journalFile, started);
    sweep.refresh();
    for (const event of [added, ended]) sweep.draft(event);
    expect(sweep.lastEvent("trial001")).to.equal(ended);
    expect(sweep.additions("s")).to.deep.equal([added]);
    expect(sweep.openStarts()).to.deep.equal([]);
    sweep.settle();
    expect(sweep.lastEvent("trial001")).to.deep.equal(started);
    expect(sweep.additions("s")).to.deep.equal([]);
    expect(sweep.openStarts()).to.deep.equal([started]);
  });

  it("has drafts once that have come into the journal", () => {
    const sweep = open();
    for (const event of [started, ended]) sweep.draft(event);
    keep(sweep.journalFile, started, ended);
    sweep.settle();
    expect(sweep.record("trial001")).to.include({ status: "failed", starts: 1, seconds: 1 });
    expect(sweep.lastStart("trial001")).to.deep.equal(started);
  });

  it("tells starts that nothing has followed", () => {
    const sweep = open();
    const again: JournalEvent = { ...started, worker: "v" };
    keep(sweep.journalFile, started, { ...started, id: "trial002", trial: 2 }, ended, again);
    sweep.refresh();
    expect(sweep.openStarts().map(({ id, worker }) => `${id} ${worker}`)).to.have.members([
      ...["trial002 w", "trial001 v"],
    ]);
  });
});
