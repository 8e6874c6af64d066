import { readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { EventFile, frameRecord } from "../../../../framework/tracking/tensorBoard/eventFile.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { readEventFile } from "../../../support/tensorBoardReader.ts";

describe("frameRecord()", () => {
  it("puts length and data between their masked checksums", () => {
    const frame = frameRecord(Buffer.from("123456789"));
    expect(frame.subarray(0, 8).toString("hex")).to.equal("0900000000000000");
    expect(frame.subarray(12, 21).toString()).to.equal("123456789");
    expect(frame.subarray(21).toString("hex")).to.equal("e5b08ac7"); // 0xc78ab0e5, little-endian
    expect(frame).to.have.length(25);
  });
});

describe("EventFile", () => {
  const folder = temporaryFolder();

  it("writes these bytes for one scalar", () => {
    const file = new EventFile(folder.path("tb"), { nowSeconds: 1 });
    const before = readFileSync(file.file).length;
    const tensor = { dtype: 1, tensorShape: {}, floatVal: [0.5] };
    const metadata = { pluginData: { pluginName: "scalars" }, dataClass: 1 };
    file.write([
      { wallTime: 2, step: 300, summary: { value: [{ tag: "loss", tensor, metadata }] } },
    ]);
    file.close();
    const record = readFileSync(file.file).subarray(before);
    const expected = [
      "09 0000000000000040", // wall_time 2.0
      "10 ac02", // step 300
      "2a 23", // summary
      "0a 21", // value
      "0a 04 6c6f7373", // tag "loss"
      "42 0a 0801 1200 2a 04 0000003f", // tensor: float, rank 0, packed 0.5
      "4a 0d", // metadata
      "0a 09 0a07 7363616c617273", // plugin "scalars"
      "20 01", // data class scalar
    ].join("");
    expect(record.subarray(12, -4).toString("hex")).to.equal(expected.replaceAll(" ", ""));
  });

  it("begins with the file's version and a start of session", () => {
    const file = new EventFile(folder.path("tb"), { nowSeconds: 5.25, firstStep: 11 });
    file.close();
    expect(readEventFile(file.file)).to.deep.equal([
      { wallTime: 5.25, step: 0, fileVersion: "brain.Event:2", values: [] },
      { wallTime: 5.25, step: 11, sessionStatus: 1, values: [] },
    ]);
  });

  it("takes a name that sorts after every file already there", () => {
    const clocks = [1_700_000_000.9, 1_700_000_000.2, 1_600_000_000];
    for (const nowSeconds of clocks) new EventFile(folder.path("tb"), { nowSeconds }).close();
    const times = readdirSync(folder.path("tb"))
      .sort()
      .map((name) => name.split(".")[3]);
    expect(times).to.deep.equal(["1700000000", "1700000001", "1700000002"]);
  });
});
