/**
 * @file `npx tsx experiments/nano/bundle.ts [--model MODEL] [--runs FOLDER] [--out FOLDER]` copies a model
 * of the chain to where it is committed, with where it comes from.
 */
import path from "node:path";
import { parseArgs } from "node:util";

import { bundleModel } from "./chain/bundleModel.ts";
import { runScript } from "./runScript.ts";

const usage = `npx tsx experiments/nano/bundle.ts [options]
  --model MODEL   a folder, or run:NAME with a path (run:quantized/int8)
  --runs FOLDER   of all runs (runs)
  --out FOLDER    where the model goes (models/nano)`;

await runScript(() => {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { model: text, runs: text, out: text } });
  const { model = "run:quantized/int8", runs = "runs" } = values;
  const out = values.out ?? path.join(import.meta.dirname, "../../models/nano");
  const { bytes } = bundleModel({ model, runs, out });
  console.log(`${out}: ${(bytes / 1e6).toFixed(2)} MB`);
}, usage);
