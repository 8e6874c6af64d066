import { writeFileSync } from "node:fs";
import path from "node:path";

import { mlflowFormat } from "../../../framework/store/foreign/mlflowFormat.ts";
import { type FuzzTarget } from "../fuzzTarget.ts";
import { readWhole } from "../readWhole.ts";
import { joined, parted, scratch } from "../scratch.ts";

const names = [
  "meta.yaml",
  "params/lr",
  "metrics/loss",
  "tags/mlflow.note.content",
  "tags/seedbed.tags",
];
const files = names.map((name) => scratch("mlflow", "1", "run", name));

/** MLflow's folders. */
export const target: FuzzTarget = {
  name: "mlflow",
  covers: ["framework/store/"],
  seeds: [
    joined([
      "run_name: a\nstart_time: 1767225600000\nstatus: 3\n",
      "0.001",
      "1767225600000 0.5 1\n1767225600001 nan 2\n",
      "note",
      "a, b",
    ]),
  ],
  words: ["inf", "-Infinity", "run_name: ", "status: "],
  run(input) {
    for (const [i, text] of parted(input, files.length).entries()) writeFileSync(files[i]!, text);
    return readWhole(mlflowFormat, "mlflow", path.dirname(files[0]!));
  },
};
