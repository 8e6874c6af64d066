import path from "node:path";

import { wandbFormat } from "../../../framework/store/foreign/wandbFormat.ts";
import { type FuzzTarget } from "../fuzzTarget.ts";
import { readWhole } from "../readWhole.ts";
import { fixture, inFile } from "../scratch.ts";

const write = inFile("wandb", "run-wb00media.wandb");

/** W&B's logs as they are. */
export const target: FuzzTarget = {
  name: "wandbLog",
  covers: ["framework/store/", "framework/tracking/wandb"],
  mostBytes: 16384,
  seeds: [
    fixture("test/fixtures/wandb-media/offline-run-20261126_221554-wb00media/run-wb00media.wandb"),
    fixture("test/fixtures/wandb/offline-run-20261126_190000-wb00demo/run-wb00demo.wandb"),
  ],
  run: (input) => readWhole(wandbFormat, "wandb", path.dirname(write(input))),
};
