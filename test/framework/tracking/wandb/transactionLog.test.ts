import { readFileSync, truncateSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../../framework/base/errors.ts";
import { RandomStream } from "../../../../framework/base/random.ts";
import {
  readTransactionLog,
  salvageTransactionLog,
  TransactionLog,
} from "../../../../framework/tracking/wandb/transactionLog.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { readWandbLog } from "../../../support/wandbReader.ts";

describe("TransactionLog", () => {
  const folder = temporaryFolder();
  const file = (): string => folder.path("run.wandb");

  function write(records: readonly Uint8Array[]): void {
    const log = new TransactionLog(file());
    for (const record of records) log.append(record);
    log.close();
  }

  it("writes these bytes", () => {
    write([Buffer.from("abc"), Buffer.alloc(0)]);
    const expected = [
      "3a572642 e1be 00", // ":W&B", magic, version
      "a9209d53 0300 01 616263", // CRC-32 of 01616263, length, FULL, data
      "1bdf05a5 0000 01", // CRC-32 of 01
    ].join("");
    expect(readFileSync(file()).toString("hex")).to.equal(expected.replaceAll(" ", ""));
  });

  // room for data in the first block: 32768 - 7 of the file's header - 7 of the chunk's
  const room = 32754;
  for (const first of [
    room - 15,
    room - 14,
    room - 13,
    room - 8,
    room - 7,
    room - 6,
    room - 1,
    room,
    room + 1,
  ]) {
    it(`crosses the edge of a block after a record of ${first} bytes`, () => {
      const records = [first, 20, 70_000, 0, 3].map((length, i) => Buffer.alloc(length, 65 + i));
      write(records);
      expect(readWandbLog(file()).map((record) => record.toString("latin1"))).to.deep.equal(
        records.map((record) => record.toString("latin1")),
      );
      expect(readTransactionLog(file())).to.deep.equal(records);
    });
  }

  it("writes a chunk without data where just a chunk's header fits", () => {
    write([Buffer.alloc(room - 7), Buffer.from("xy")]);
    const bytes = readFileSync(file());
    expect(bytes.subarray(32765, 32768).toString("hex")).to.equal("000002"); // length 0, FIRST
    expect(bytes.subarray(32768 + 4).toString("hex")).to.equal("0200047879"); // length 2, LAST
  });

  it("agrees with the independent reader on records of random sizes", () => {
    const random = new RandomStream(1, "records");
    const sizes = Array.from({ length: 120 }, () =>
      random.integer(random.integer(4) === 0 ? 70_000 : 300),
    );
    const records = sizes.map((size) => Buffer.alloc(size, random.integer(256)));
    write(records);
    expect(readWandbLog(file()).every((record, i) => record.equals(records[i]!))).to.equal(true);
    expect(readTransactionLog(file())).to.deep.equal(records);
  });
});

describe("readTransactionLog()", () => {
  const folder = temporaryFolder();
  const file = (): string => folder.path("run.wandb");
  const records = ["first", "second", "third"].map((word) => Buffer.from(word));

  function write(): void {
    const log = new TransactionLog(file());
    for (const record of records) log.append(record);
    log.close();
  }

  it("ends where a killed process stopped writing", () => {
    write();
    const size = readFileSync(file()).length;
    const lengths = Array.from({ length: size }, (_, i) => size - 1 - i); // each shorter than the last
    for (const length of lengths) {
      truncateSync(file(), length);
      const whole = [19, 32, 44].filter((end) => length >= end).length;
      expect(readTransactionLog(file()), `${length} bytes`).to.deep.equal(records.slice(0, whole));
    }
  });

  it("reports damage before the tail", () => {
    write();
    const bytes = readFileSync(file());
    bytes[15]! ^= 1;
    writeFileSync(file(), bytes);
    expect(() => readTransactionLog(file())).to.throw(InputError, "wrong checksum at byte 7");
  });

  it("goes on behind what is damaged, when asked for what can be saved", () => {
    write();
    const bytes = readFileSync(file());
    bytes[15]! ^= 1; // in the first record
    writeFileSync(file(), bytes);
    expect(salvageTransactionLog(file())).to.deep.equal({
      records: records.slice(1),
      damagedAt: 7,
      isCut: false,
    });
    bytes.writeUInt16LE(bytes.length, 11); // its length: the next block is the next that is sure
    writeFileSync(
      file(),
      Buffer.concat([bytes, Buffer.alloc(32768 - bytes.length), bytes.subarray(19)]),
    );
    expect(salvageTransactionLog(file()).records).to.deep.equal(records.slice(1));
  });

  it("reports another format", () => {
    writeFileSync(file(), "not a log");
    expect(() => readTransactionLog(file())).to.throw(InputError, "expected a W&B transaction log");
  });
});
