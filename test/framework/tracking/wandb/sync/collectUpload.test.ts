import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import type { WandbRecord, WandbRunRecord } from "../../../../../framework/tracking/wandb/proto.ts";
import { collectUpload } from "../../../../../framework/tracking/wandb/sync/collectUpload.ts";
import { readOfflineFolder } from "../../../../../framework/tracking/wandb/sync/offlineFolder.ts";

const fixtures = path.resolve(import.meta.dirname, "../../../../fixtures/wandb");

describe("collectUpload()", () => {
  const run: WandbRunRecord = {
    runId: "a1b2c3d4",
    project: "tests",
    config: { update: [{ key: "lr", valueJson: "0.1" }] },
    startingStep: 0,
    resumed: false,
    startTime: { seconds: 1000, nanos: 0 },
  };
  const collect = (...records: WandbRecord[]) =>
    collectUpload({ folder: "", file: "", run, records: [{ run }, ...records], unknownRecords: 0 });
  const timestamp = { seconds: 1001, nanos: 500_000_000 };

  it("puts nested keys of a row together", () => {
    const item = [
      { key: "", nestedKey: ["h", "_type"], valueJson: '"histogram"' },
      { key: "", nestedKey: ["h", "bins"], valueJson: "[0,1]" },
      { key: "loss", nestedKey: [], valueJson: "NaN" },
    ];
    const { history } = collect({ history: { item, step: { num: 4 } } });
    expect(history).to.deep.equal([
      { step: 4, text: '{"h":{"_type":"histogram","bins":[0,1]},"loss":NaN}' },
    ]);
  });

  it("lets later settings replace earlier ones, and takes away what was removed", () => {
    const { config } = collect(
      {
        config: {
          update: [
            { key: "lr", valueJson: "0.2" },
            { key: "gone", valueJson: "1" },
          ],
        },
      },
      { config: { update: [], remove: [{ key: "gone", valueJson: "" }] } },
    );
    expect(config).to.equal('{"lr":{"value":0.2},"_wandb":{"value":{"m":[],"t":{}}}}');
  });

  it("makes lines of what was written in pieces, of each stream by itself", () => {
    const write = (outputType: number, line: string): WandbRecord => ({
      outputRaw: { outputType, timestamp, line },
    });
    const { output, madeFiles } = collect(
      write(1, "a"),
      write(0, "warning\n"),
      write(1, "b\n10 %\r20 %\r"),
      write(1, "100 %\nopen"),
    );
    expect(output).to.deep.equal([
      "ERROR 1970-01-01T00:16:41.500 warning",
      "1970-01-01T00:16:41.500 ab",
      "1970-01-01T00:16:41.500 100 %",
      "1970-01-01T00:16:41.500 open",
    ]);
    expect(madeFiles.get("output.log")).to.equal("warning\nab\n100 %\nopen\n");
  });

  it("names no file outside of the folder", () => {
    const names = ["media/a.png", "../secret", "/etc/passwd", "media/../../x", "a\\..\\b", ""];
    const files = names.map((name) => ({ path: name, type: 0 }));
    expect(collect({ files: { files } }).files).to.deep.equal(["media/a.png"]);
  });

  it("reads what W&B's own program wrote", () => {
    const folder = path.join(fixtures, "offline-run-20261126_190000-wb00demo");
    const offline = readOfflineFolder(folder);
    expect(offline.run).to.include({ project: "shapes", displayName: "first", jobType: "train" });
    expect(offline.run.tags).to.deep.equal(["a", "b"]);
    const upload = collectUpload(offline);
    expect(JSON.parse(upload.config)).to.deep.include({
      lr: { value: 0.1 },
      model: { value: { width: 3 } },
    });
    const [first, second] = upload.history.map(({ text }) =>
      JSON.parse(text.replace("NaN", "null")),
    );
    expect(first).to.deep.include({ loss: 1, bad: null, _step: 0 });
    expect(first.weights).to.deep.equal({ _type: "histogram", values: [1, 2], bins: [0, 1, 2] });
    expect(second).to.deep.include({ loss: 0.5, _step: 1 });
    expect(JSON.parse(upload.summary.replace("NaN", "null"))).to.deep.include({ best: 0.5 });
    expect(upload.output).to.have.length(1);
    expect(upload.output[0]).to.match(/^2026-11-26T\S+ hello from wandb$/);
    expect(upload.events).to.have.length(3);
    expect(JSON.parse(upload.events[0]!)).to.include({ _wandb: true });
    expect(upload.files).to.deep.equal([
      "requirements.txt",
      "media/html/page_1_801859fb10f42a30095a.html",
    ]);
    expect(upload.artifacts.map(({ name }) => name)).to.deep.equal(["model"]);
    expect(upload.exitCode).to.equal(3);
  });
});
