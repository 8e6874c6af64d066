import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { jsonLinesLogger } from "../../../../framework/tracking/loggers/jsonLines.ts";
import {
  readImages,
  readMetrics,
  readRecords,
} from "../../../../framework/tracking/metricsFile.ts";
import { loggerContract } from "../../../support/loggerContract.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const at = (step: number) => ({ step, epoch: 0, wallTimeSeconds: 100 + step });

describe("jsonLinesLogger()", () => {
  const folder = temporaryFolder();
  const text = (name = "metrics.jsonl"): string => readFileSync(folder.path(name), "utf8");
  loggerContract(() => jsonLinesLogger({ folder: folder.path() }));

  async function logSteps(first: number, last: number, resumeStep?: number): Promise<void> {
    const logger = jsonLinesLogger({
      folder: folder.path(),
      ...(resumeStep !== undefined && { resumeStep }),
    });
    for (let step = first; step <= last; step++)
      await logger.logMetrics({ loss: 1 / step }, at(step));
    await logger.finalize("interrupted");
  }

  it("has each record in the file as soon as it is logged", async () => {
    const logger = jsonLinesLogger({ folder: folder.path() });
    await logger.logMetrics({ loss: 1 / 3 }, at(1));
    expect(readMetrics(folder.path())).to.deep.equal([
      { kind: "metrics", ...at(1), metrics: { loss: 1 / 3 } },
    ]);
    await logger.finalize("finished");
  });

  it("counts the values of a histogram", async () => {
    const logger = jsonLinesLogger({ folder: folder.path() });
    await logger.logHistogram("weights/w", { values: [0, 0, 64] }, at(1));
    await logger.finalize("finished");
    const [record] = readRecords(folder.path());
    expect(record).to.deep.include({ kind: "histogram", ...at(1), key: "weights/w" });
    expect(record).to.have.nested.property("counts[0]", 2);
    expect(record).to.have.nested.property("edges[64]", 64);
  });

  it("keeps pictures as files and refers to them", async () => {
    const logger = jsonLinesLogger({ folder: folder.path() });
    const png = Uint8Array.of(1, 2, 3);
    await logger.logImages(
      "val/a sks: cat",
      [{ png, width: 4, height: 2, caption: "cat" }],
      at(12),
    );
    await logger.finalize("finished");
    const file = "media/val/a_sks__cat_4f7802ee_00000012_0.png";
    expect(readRecords(folder.path())).to.deep.equal([
      {
        kind: "images",
        ...at(12),
        key: "val/a sks: cat",
        images: [
          {
            file,
            width: 4,
            height: 2,
            sha256: "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81",
            caption: "cat",
          },
        ],
      },
    ]);
    expect([...readFileSync(folder.path(file))]).to.deep.equal([1, 2, 3]);
  });

  it("keeps pictures of keys apart that look alike as files, and of keys of any length", async () => {
    const logger = jsonLinesLogger({ folder: folder.path() });
    const keys = ["s/a b", "s/a_b", "x".repeat(300)];
    for (const [i, key] of keys.entries()) {
      await logger.logImages(key, [{ png: Uint8Array.of(i), width: 1, height: 1 }], at(1));
    }
    await logger.finalize("finished");
    const contents = readRecords(folder.path()).flatMap((record) =>
      record.kind === "images"
        ? readImages(folder.path(), record).map(({ png }) => [record.key, ...png])
        : [],
    );
    expect(contents).to.deep.equal(keys.map((key, i) => [key, i]));
  });

  it("keeps pictures inside the run's folder, whatever the key", async () => {
    const logger = jsonLinesLogger({ folder: folder.path("run") });
    await logger.logImages("/../../x", [{ png: Uint8Array.of(1), width: 1, height: 1 }], at(1));
    await logger.finalize("finished");
    expect(readdirSync(folder.path())).to.deep.equal(["run"]);
    expect(existsSync(folder.path("run/media/_/_/x_f8e77bfe_00000001_0.png"))).to.equal(true);
  });

  it("goes on as if the process had never died", async () => {
    await logSteps(1, 6);
    const uninterrupted = text();
    appendFileSync(folder.path("metrics.jsonl"), '{"kind":"metr'); // killed while writing
    await logSteps(4, 6, 3);
    expect(text()).to.equal(uninterrupted);
  });

  it("keeps what it takes out, under a new name each time", async () => {
    await logSteps(1, 6);
    const [first, before] = [text().split("\n")[0]!, text()];
    await logSteps(4, 5, 3);
    const between = text();
    await logSteps(2, 2, 1);
    expect(text("metrics.1.jsonl.bak")).to.equal(before);
    expect(text("metrics.2.jsonl.bak")).to.equal(between);
    expect(text().startsWith(`${first}\n{"kind":"metrics","step":2`)).to.equal(true);
  });

  it("takes nothing out when there is nothing after the step", async () => {
    await logSteps(1, 3);
    await logSteps(4, 4, 3);
    expect(readMetrics(folder.path()).map(({ step }) => step)).to.deep.equal([1, 2, 3, 4]);
    expect(readdirSync(folder.path())).to.deep.equal(["metrics.jsonl"]);
  });

  it("starts over without a step, old records aside", async () => {
    await logSteps(1, 3);
    await logSteps(1, 1);
    expect(readMetrics(folder.path()).map(({ step }) => step)).to.deep.equal([1]);
    expect(existsSync(folder.path("metrics.1.jsonl.bak"))).to.equal(true);
  });

  it("refuses to resume from a damaged file rather than drop its records", () => {
    writeFileSync(folder.path("metrics.jsonl"), "damaged\n{}\n");
    expect(() => jsonLinesLogger({ folder: folder.path(), resumeStep: 1 })).to.throw(
      "metrics.jsonl:1",
    );
    expect(text()).to.equal("damaged\n{}\n");
  });
});
