import { writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { tensorBoardFormat } from "../../../../framework/store/foreign/tensorBoardFormat.ts";
import { frameRecord } from "../../../../framework/tracking/tensorBoard/eventFile.ts";
import { encodeEvent } from "../../../../framework/tracking/tensorBoard/proto.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

describe("tensorBoardFormat", () => {
  const folder = temporaryFolder();

  it("reads a run whose settings are damaged, without them", () => {
    const tensor = { dtype: 1, tensorShape: {}, floatVal: [0.5] };
    const pluginData = { pluginName: "hparams", content: Buffer.from("1a7f", "hex") };
    const damaged = { tag: "_hparams_/session_start_info", tensor, metadata: { pluginData } };
    const events = [
      { wallTime: 1, summary: { value: [damaged] } },
      { wallTime: 2, step: 3, summary: { value: [{ tag: "loss", tensor }] } },
    ];
    const bytes = Buffer.concat(events.map((event) => frameRecord(encodeEvent(event))));
    folder.write({ "run/keep": "" });
    writeFileSync(folder.path("run/events.out.tfevents.1.host.1.1"), bytes);
    const run = tensorBoardFormat.read(folder.path("run"));
    const points: [number, object][] = [];
    run.readPoints({ point: (step, _epoch, _time, metrics) => void points.push([step, metrics]) });
    expect(run.config).to.deep.equal({});
    expect(points.at(-1)).to.deep.equal([3, { loss: 0.5 }]);
  });
});
