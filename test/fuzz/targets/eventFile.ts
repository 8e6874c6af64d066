import path from "node:path";

import { tensorBoardFormat } from "../../../framework/store/foreign/tensorBoardFormat.ts";
import { type FuzzTarget } from "../fuzzTarget.ts";
import { readWhole } from "../readWhole.ts";
import { fixture, inFile } from "../scratch.ts";

const write = inFile("events", "events.out.tfevents.1767225600.host.1.1");

/** TensorBoard's event files as they are: most end at the first wrong checksum. */
export const target: FuzzTarget = {
  name: "eventFile",
  covers: ["framework/store/"],
  seeds: [
    "tensors/events.out.tfevents.1767225600.host.1.1",
    "torch/events.out.tfevents.1767225600.host.1.0",
  ].map((name) => fixture(`test/fixtures/tensorboard-media/${name}`)),
  run: (input) => readWhole(tensorBoardFormat, "tensorboard", path.dirname(write(input))),
};
