import { writeFileSync } from "node:fs";
import path from "node:path";

import { readTensorBoardEvents } from "../../../framework/store/foreign/tensorBoardEvents.ts";
import { tensorBoardFormat } from "../../../framework/store/foreign/tensorBoardFormat.ts";
import { frameRecord } from "../../../framework/tracking/tensorBoard/eventFile.ts";
import { type FuzzTarget } from "../fuzzTarget.ts";
import { readWhole } from "../readWhole.ts";
import { inFile, joinedBytes, partedBytes } from "../scratch.ts";

const write = inFile("eventRecords", "events.out.tfevents.1767225600.host.1.1");
const fixtures = path.resolve(import.meta.dirname, "../../fixtures/tensorboard-media");
const files = [
  "tensors/events.out.tfevents.1767225600.host.1.1",
  "torch/events.out.tfevents.1767225600.host.1.0",
];

/** Records of event files, whose checksums are right. */
export const target: FuzzTarget = {
  name: "eventRecords",
  covers: ["framework/store/"],
  seeds: files.flatMap((name) => {
    const records = [...readTensorBoardEvents(path.join(fixtures, name))].map(({ data }) => data);
    return [joinedBytes(records), ...records];
  }),
  words: [
    "scalars",
    "images",
    "text",
    "histograms",
    "pr_curves",
    "_hparams_/session_start_info",
    "hparams",
  ],
  run(input) {
    const file = write(new Uint8Array());
    writeFileSync(file, Buffer.concat(partedBytes(input).map(frameRecord)));
    return readWhole(tensorBoardFormat, "tensorboard", path.dirname(file));
  },
};
