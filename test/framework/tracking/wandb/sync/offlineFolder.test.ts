import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../../../framework/base/errors.ts";
import {
  earlierFolders,
  readOfflineFolder,
} from "../../../../../framework/tracking/wandb/sync/offlineFolder.ts";
import { TransactionLog } from "../../../../../framework/tracking/wandb/transactionLog.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";
import { writeWandbFolder } from "../../../../support/wandbFolder.ts";

describe("readOfflineFolder()", () => {
  const folder = temporaryFolder();
  const logOf = (run: string): string => path.join(run, "run-a1b2c3d4.wandb");
  const read = (): unknown => readOfflineFolder(folder.path());

  it("reads a run and its records", () => {
    const { run, records, unknownRecords } = readOfflineFolder(writeWandbFolder(folder.path()));
    expect(run).to.deep.include({ runId: "a1b2c3d4", project: "tests", runGroup: "g" });
    expect(records).to.have.length(13);
    expect(unknownRecords).to.equal(0);
  });

  it("reads up to where a killed process stopped", () => {
    const run = writeWandbFolder(folder.path());
    appendFileSync(logOf(run), Buffer.from([1, 2, 3, 4, 200, 0, 1, 9]));
    expect(readOfflineFolder(run).records).to.have.length(13);
  });

  it("passes over records of kinds it does not know", () => {
    const run = writeWandbFolder(folder.path());
    const log = new TransactionLog(folder.path("run-x.wandb"));
    const known = readFileSync(logOf(run));
    const runRecord = known.subarray(known.indexOf("seedbed") + 7 + 7);
    log.append(runRecord.subarray(0, known.readUInt16LE(known.indexOf("seedbed") + 7 + 4)));
    log.append(Buffer.from("da0100", "hex")); // field 27, output_logger, empty
    log.close();
    expect(readOfflineFolder(folder.path())).to.deep.include({ unknownRecords: 1 });
  });

  it("refuses a folder that is not there, and one of something else", () => {
    expect(() => readOfflineFolder(folder.path("none"))).to.throw(
      InputError,
      "expected a folder of W&B's",
    );
    folder.write({ "model.onnx": "" });
    expect(read).to.throw(InputError, "expected a folder of W&B's with run-….wandb, got none");
  });

  for (const [what, content, words] of [
    ["another format", "not a log", "expected a W&B transaction log"],
    ["nothing", "", "expected a run's record, got 0 others"],
  ] as const) {
    it(`refuses a log that holds ${what}`, () => {
      writeFileSync(folder.path("run-x.wandb"), content);
      expect(read).to.throw(InputError, words);
    });
  }

  it("refuses a log whose records are no records", () => {
    const log = new TransactionLog(folder.path("run-x.wandb"));
    log.append(Buffer.from("0a", "hex"));
    log.close();
    expect(read).to.throw(InputError, "run-x.wandb: it is damaged");
  });

  it("refuses a log that is damaged before its end", () => {
    const run = writeWandbFolder(folder.path());
    const bytes = readFileSync(logOf(run));
    bytes[100]! ^= 1;
    writeFileSync(logOf(run), bytes);
    expect(() => readOfflineFolder(run)).to.throw(InputError, /wrong checksum at byte \d+/);
  });
});

describe("earlierFolders()", () => {
  const folder = temporaryFolder();

  it("gives those of the same run that were begun before, oldest first", () => {
    const runs = [0, 4, 6].map((startingStep) => writeWandbFolder(folder.path(), { startingStep }));
    const other = folder.path("wandb", "offline-run-20000101_000000-zzzzzzzz");
    mkdirSync(other);
    writeFileSync(path.join(other, "run-zzzzzzzz.wandb"), "");
    expect(earlierFolders(readOfflineFolder(runs[2]!))).to.deep.equal(runs.slice(0, 2));
    renameSync(runs[0]!, folder.path("elsewhere"));
    expect(earlierFolders(readOfflineFolder(runs[1]!))).to.deep.equal([]);
  });
});
