import { expect } from "chai";
import { describe, it } from "mocha";

import {
  decodeRecord,
  encodeRecord,
  fileType,
  outputType,
  secondsOf,
  timestampOf,
  type WandbRecord,
} from "../../../../framework/tracking/wandb/proto.ts";

/** Of each kind: a record, its number, and what wandb 0.30.0's `wandb_internal_pb2` makes of it. */
const golden: readonly (readonly [num: number, record: WandbRecord, hex: string])[] = [
  [1, { header: { versionInfo: { producer: "seedbed" } } }, "0801aa010b0a090a0773656564626564"],
  [
    2,
    {
      run: {
        runId: "a1b2c3d4",
        project: "p",
        config: { update: [{ key: "lr", valueJson: "0.1" }] },
        runGroup: "g",
        jobType: "j",
        displayName: "d",
        notes: "é",
        tags: ["t"],
        sweepId: "s",
        host: "h",
        startingStep: 3,
        startTime: { seconds: 1_700_000_000, nanos: 5 },
        resumed: true,
        git: { commit: "c" },
      },
    },
    "08028a01470a0861316232633364341a0170220c0a0a0a026c72820103302e313201673a016a4201644a02c3a952017462" +
      "01736a016870038a01080880e2cfaa061005900101aa0103120163",
  ],
  [
    3,
    { history: { item: [{ key: "loss", valueJson: "NaN" }], step: { num: 300 } } },
    "080312130a0c0a046c6f73738201034e614e120308ac02",
  ],
  [
    4,
    { summary: { update: [{ nestedKey: ["_wandb", "runtime"], valueJson: "7" }] } },
    "08041a170a1512065f77616e6462120772756e74696d6582010137",
  ],
  [
    5,
    { files: { files: [{ path: "media/a.png", type: fileType.media }] } },
    "080532110a0f0a0b6d656469612f612e706e671802",
  ],
  [
    6,
    { stats: { timestamp: timestampOf(1.5), item: [{ key: "cpu", valueJson: "12.5" }] } },
    "08063a18120808011080cab5ee011a0c0a0363707582010431322e35",
  ],
  [
    7,
    {
      outputRaw: {
        outputType: outputType.stdout,
        timestamp: { seconds: 1, nanos: 0 },
        line: "hi\n",
      },
    },
    "08076a0b0801120208011a0368690a",
  ],
  [
    8,
    {
      artifact: {
        runId: "r",
        project: "p",
        type: "model",
        name: "n",
        digest: "d",
        digestAlgorithm: "MANIFEST_MD5",
        metadata: "{}",
        aliases: ["latest"],
        manifest: {
          version: 1,
          storagePolicy: "s",
          storagePolicyConfig: [{ key: "k", valueJson: "1" }],
          contents: [{ path: "f", digest: "x", ref: "file:///f", size: 5 }],
        },
        finalize: true,
        clientId: "c",
        sequenceClientId: "q",
      },
    },
    "0808425b0a017212017022056d6f64656c2a016e32016442027b7d5a066c6174657374622208011201731a060a016b1201" +
      "3122130a01661201781a0966696c653a2f2f2f66200570017a016382010171a2010c4d414e49464553545f4d4435",
  ],
  [9, { exit: { exitCode: 3, runtime: 4 } }, "080992010408031004"],
  [10, { final: {} }, "080aa20100"],
];

describe("encodeRecord()", () => {
  for (const [num, record, hex] of golden) {
    it(`writes ${Object.keys(record)[0]} as W&B does`, () => {
      expect(Buffer.from(encodeRecord(num, record)).toString("hex")).to.equal(hex);
    });
  }
});

describe("decodeRecord()", () => {
  for (const [num, record, hex] of golden) {
    it(`reads ${Object.keys(record)[0]} that W&B wrote`, () => {
      const decoded = decodeRecord(Buffer.from(hex, "hex"))!;
      expect(Object.keys(decoded)).to.deep.equal(Object.keys(record));
      expect(encodeRecord(num, stripDefaults(decoded))).to.deep.equal(encodeRecord(num, record));
    });
  }

  it("knows what it does not know", () => {
    expect(decodeRecord(Buffer.from("a20600", "hex")), "field 100, request").to.equal(undefined);
    expect(() => decodeRecord(Buffer.from("0a", "hex"))).to.throw(
      RangeError,
      "1 bytes are no record",
    );
  });
});

/** The record without "", null and empty lists, which stand for what is absent. */
function stripDefaults(record: WandbRecord): WandbRecord {
  return JSON.parse(JSON.stringify(record), (_, value) =>
    value === "" || value === null || (Array.isArray(value) && value.length === 0)
      ? undefined
      : value,
  );
}

describe("timestampOf()", () => {
  it("is undone by secondsOf()", () => {
    expect(timestampOf(1_700_000_000.25)).to.deep.equal({
      seconds: 1_700_000_000,
      nanos: 250_000_000,
    });
    expect(secondsOf({ seconds: 1_700_000_000, nanos: 250_000_000 })).to.equal(1_700_000_000.25);
  });
});
