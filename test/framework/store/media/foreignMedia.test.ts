import {
  appendFileSync,
  cpSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";
import sharp from "sharp";

import { InputError } from "../../../../framework/base/errors.ts";
import { openMedia } from "../../../../framework/store/media/openRecords.ts";
import { readBytes } from "../../../../framework/store/media/readBytes.ts";
import type { MediaRecord, RunMedia } from "../../../../framework/store/media/runMedia.ts";
import { tensorBoardLogger } from "../../../../framework/tracking/loggers/tensorBoard.ts";
import { encodeRecord, type WandbRecord } from "../../../../framework/tracking/wandb/proto.ts";
import { frameLog } from "../../../../framework/tracking/wandb/transactionLog.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const fixtures = path.resolve(import.meta.dirname, "../../../fixtures");
const wandbRun = "offline-run-20261126_221554-wb00media";

interface Image {
  readonly id: string;
  readonly caption?: string;
  readonly problem?: string;
  readonly isMissing: boolean;
}

function imagesAt(media: RunMedia, key: string, step: number): Image[] {
  const images = media.recordAt("images", key, step)?.["images"];
  return Array.isArray(images) ? images : [];
}

/** Red, green and blue of a pixel. */
async function pixel(media: RunMedia, { id }: Image, x: number, y: number): Promise<number[]> {
  const content = Buffer.concat([...readBytes(media.picture(id)!)]);
  const { data, info } = await sharp(content)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).to.deep.equal([4, 3]);
  const at = (y * info.width + x) * info.channels;
  return [...data.subarray(at, at + 3)];
}

describe("media of TensorBoard's files", () => {
  const folder = temporaryFolder();
  const open = (run: string): RunMedia =>
    openMedia({
      folder: path.join(fixtures, "tensorboard-media", run),
      source: "tensorboard",
    }).look();

  it("are listed with their steps", () => {
    const steps = [0, 10];
    expect(open("torch").list()).to.deep.equal([
      { kind: "text", key: "note/text_summary", steps },
      { kind: "prCurve", key: "pr", steps },
      { kind: "images", key: "samples", steps },
      { kind: "histogram", key: "weights", steps },
    ]);
    expect(open("tensors").list()).to.deep.equal([
      { kind: "histogram", key: "activations", steps },
      { kind: "images", key: "batch", steps },
      { kind: "table", key: "table", steps },
      { kind: "text", key: "words", steps },
    ]);
  });

  // values below are those that TensorBoard 2.21's reader gives: see the fixture's README
  it("have their pixels, in the first form and in the second", async () => {
    const torch = open("torch");
    const [sample] = imagesAt(torch, "samples", 10);
    expect(await pixel(torch, sample!, 0, 0)).to.deep.equal([110, 0, 0]);
    expect(await pixel(torch, sample!, 2, 1)).to.deep.equal([1, 2, 3]);
    const tensors = open("tensors");
    const [png, gif] = imagesAt(tensors, "batch", 10);
    expect(await pixel(tensors, png!, 3, 2)).to.deep.equal([10, 0, 0]);
    expect(await pixel(tensors, gif!, 3, 2)).to.deep.equal([11, 0, 0]);
    expect([png!.id, gif!.id].map((id) => path.extname(id))).to.deep.equal([".png", ".gif"]);
  });

  it("have their numbers and texts", () => {
    const [torch, tensors] = [open("torch"), open("tensors")];
    const cases: [MediaRecord | undefined, object][] = [
      [
        torch.recordAt("histogram", "weights", 5),
        { edges: [-1, 0, 1, 2, 2], counts: [1, 2, 0, 1] },
      ],
      [
        torch.recordAt("histogram", "weights", 99),
        { edges: [-1, 0, 1, 2, 12], counts: [1, 2, 0, 1] },
      ],
      [torch.recordAt("text", "note/text_summary", 0), { text: "step **0** <b>& more</b>" }],
      [
        torch.recordAt("prCurve", "pr", 0),
        { truePositives: [3, 3, 2, 2, 0], recall: [1, 1, 2 / 3, 2 / 3, 0].map(Math.fround) },
      ],
      [
        tensors.recordAt("histogram", "activations", 10),
        { edges: [10, 11, 12, 13, 14], counts: [1, 2, 0, 1] },
      ],
      [
        tensors.recordAt("table", "table", 10),
        {
          columns: ["column 1", "column 2"],
          rows: [
            ["a", "b"],
            ["1", "10"],
          ],
        },
      ],
      [tensors.recordAt("text", "words", 10), { text: "at 10" }],
    ];
    for (const [record, expected] of cases) expect(record).to.deep.include(expected);
  });

  it("are read back as our own logger wrote them", async () => {
    const logger = tensorBoardLogger({ folder: folder.path("own"), clock: () => 1 });
    const at = { step: 3, epoch: 0, wallTimeSeconds: 2 };
    const table = {
      columns: ["a.b", "<c>"],
      rows: [["1 & *2*", null] as const, [3, true] as const],
    };
    await logger.logTable("t", table, at);
    await logger.logHistogram("h", { edges: [0, 1, 3], counts: [2, 5] }, at);
    await logger.logPrCurve("p", { labels: [1, 0], predictions: [0.9, 0.2], thresholds: 3 }, at);
    await logger.logText("x", "**both** sides", at);
    await logger.finalize("finished");
    const media = openMedia({
      folder: folder.path("own/tensorboard"),
      source: "tensorboard",
    }).look();
    expect(media.recordAt("table", "t", 3)).to.deep.include({
      columns: ["a.b", "<c>"],
      rows: [
        ["1 & *2*", ""],
        ["3", "true"],
      ],
    });
    expect(media.recordAt("histogram", "h", 3)).to.deep.include({
      edges: [0, 1, 3],
      counts: [2, 5],
    });
    expect(media.recordAt("prCurve", "p", 3)).to.deep.include({ precision: [0.5, 1, 0] });
    expect(media.recordAt("text", "x", 3)).to.deep.include({ text: "**both** sides" });
  });

  it("end where the file was cut, and go on when the rest has come", () => {
    const name = "events.out.tfevents.1767225600.host.1.1";
    const whole = readFileSync(path.join(fixtures, "tensorboard-media/tensors", name));
    folder.write({ "run/keep": "" });
    const file = folder.path("run", name);
    writeFileSync(file, whole);
    truncateSync(file, whole.length - 3);
    const media = openMedia({ folder: folder.path("run"), source: "tensorboard" }).look();
    expect(media.list()[0]).to.deep.include({ steps: [0] });
    appendFileSync(file, whole.subarray(-3));
    expect(media.look().list()[0]).to.deep.include({ steps: [0, 10] });
  });
});

describe("media of W&B's folders", () => {
  const folder = temporaryFolder();
  const file = (name: string): string => folder.path("run/files", name);
  const first = "media/images/one_0_9e9bf5213efdc78ea856.png";

  function copy(): RunMedia {
    cpSync(path.join(fixtures, "wandb-media", wandbRun), folder.path("run"), { recursive: true });
    return openMedia({ folder: folder.path("run"), source: "wandb" }).look();
  }

  /** A run whose only row has this value under `x`. */
  function wandbRunWith(value: object): RunMedia {
    const start = { seconds: 1, nanos: 0 };
    const run = { runId: "x", project: "p", config: { update: [] }, startingStep: 0 };
    const records: WandbRecord[] = [
      { run: { ...run, startTime: start, resumed: false } },
      { history: { item: [{ key: "x", valueJson: JSON.stringify(value) }], step: { num: 0 } } },
    ];
    const bytes = frameLog(records.map((record, i) => encodeRecord(i + 1, record)));
    folder.write({ "run/files/keep": "" });
    writeFileSync(folder.path("run/run-x.wandb"), Buffer.concat([...bytes]));
    return openMedia({ folder: folder.path("run"), source: "wandb" }).look();
  }

  it("are listed with their steps", () => {
    const steps = [0, 1];
    expect(copy().list()).to.deep.equal([
      { kind: "histogram", key: "h", steps },
      { kind: "text", key: "note", steps },
      { kind: "images", key: "one", steps },
      { kind: "text", key: "page", steps },
      { kind: "table", key: "table", steps },
      { kind: "images", key: "val/pair", steps },
    ]);
  });

  it("have their contents", async () => {
    const media = copy();
    const [one] = imagesAt(media, "one", 1);
    expect(one).to.include({ caption: "first 1", problem: undefined });
    expect(await pixel(media, one!, 3, 2)).to.deep.equal([101, 20, 30]);
    const pair = imagesAt(media, "val/pair", 0);
    expect(pair.map(({ caption }) => caption)).to.deep.equal(["left", "right"]);
    expect(await pixel(media, pair[1]!, 0, 0)).to.deep.equal([200, 20, 30]);
    expect(media.recordAt("histogram", "h", 1)).to.deep.include({
      edges: [0, 1, 2],
      counts: [1, 3],
    });
    expect(media.recordAt("text", "page", 0)).to.deep.include({ text: "<b>0</b>" });
    expect(media.recordAt("table", "table", 0)).to.deep.include({
      columns: ["a", "b"],
      rows: [
        [1, "x"],
        [null, NaN],
        [3.5, "<i>"],
      ],
    });
  });

  it("say when a picture is missing", () => {
    const media = copy();
    rmSync(file(first));
    expect(imagesAt(media, "one", 0)).to.have.length(1);
    expect(imagesAt(media, "one", 0)[0]).to.include({
      isMissing: true,
      problem: `Cannot read ${first}: there is no such file`,
    });
  });

  it("say when a picture is not what was logged, and show it", () => {
    const media = copy();
    writeFileSync(file(first), readFileSync(file("media/images/one_1_c6ff5fefa355114f292b.png")));
    expect(imagesAt(media, "one", 0)[0]).to.include({
      isMissing: false,
      problem: `${first} is not what was logged: its SHA-256 begins with c6ff5fefa355, expected 9e9bf5213efd`,
    });
  });

  it("say when a table is none", () => {
    const media = copy();
    writeFileSync(file("media/table/table_0_c338521ff3ddf8312b05.table.json"), "[1");
    expect(media.recordAt("table", "table", 0)!["problem"]).to.match(/expected a table as JSON$/);
  });

  it("do not lead out of the folder by a link", () => {
    const media = copy();
    const [image] = imagesAt(media, "one", 0);
    folder.write({ "secret.png": "secret" });
    rmSync(file(first));
    symlinkSync(folder.path("secret.png"), file(first));
    expect(() => media.picture(image!.id)).to.throw(InputError, "outside the run's folder");
    expect(imagesAt(media, "one", 0)[0]).to.include({
      isMissing: true,
      problem: `Cannot read ${first}: it lies outside the run's folder`,
    });
  });

  it("do not lead out of the folder by a name", () => {
    const media = wandbRunWith({
      _type: "image-file",
      path: "../../secret.png",
      width: 1,
      height: 1,
    });
    folder.write({ "secret.png": "secret" });
    expect(imagesAt(media, "x", 0)[0]).to.include({
      isMissing: true,
      problem: "Cannot read ../../secret.png: it lies outside the run's folder",
    });
  });
});
