/**
 * @file `npm run bench:estimate -- ["SPEC [a.b=c ...]" ...]`: what `seedbed estimate` says of specs
 * beside the peak memory of runs of four steps. Fails where it is off by more than 15 %.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { estimateApart } from "../../../framework/cli/estimating/estimateApart.ts";
import { readMetrics } from "../../../framework/tracking/metricsFile.ts";
import { processMemory } from "../processMemory.ts";
import { markdownTable } from "../table.ts";

const program = path.resolve(import.meta.dirname, "../../../framework/cli/seedbed.js");
const mostError = 0.15;
const lookMs = 20;

/** Most of whose memory are parameters, gradients and moments. */
const large =
  "configs/character-language-model.yaml data.batchSize=2 model.features=512 model.blocks=12 sampling.length=1";

const bundled = [
  "gan",
  "character-language-model",
  "image-classifier",
  "autoencoder",
  "text-encoder",
  "text-to-image",
].map((name) => `configs/${name}.yaml`);
/** With few pictures before and after training, which are not looked at. */
const dreambooth =
  "configs/dreambooth.yaml data.class.count=8 sampling.samples=2 sampling.steps=4 validation.recontextualisations=0";
const usual = [
  ...bundled,
  ...[dreambooth, `${dreambooth} data.batchSize=16 optimizer.name=adam8bit`],
  ...[large, `${large} optimizer.offload=true`],
];

/** Training alone is compared: no validation, nothing that is drawn or written meanwhile. */
const overrides = [
  "trainer.maxSteps=4",
  "trainer.limitValBatches=0",
  "trainer.logEveryNSteps=1",
  "callbacks=[]",
  "loggers={tensorBoard: false, wandb: false}",
];

const specs = process.argv.slice(2);
const rows: string[][] = [];
let wrong = 0;
for (const spec of specs.length > 0 ? specs : usual) {
  const words = spec.split(" ");
  const estimated = (await estimateApart([...words, "callbacks=[]"], "runs")) / 1e6;
  const measured = (await measurePeak([...words, ...overrides])) / 1e6;
  const error = estimated / measured - 1;
  if (Math.abs(error) > mostError) wrong++;
  rows.push([spec, estimated.toFixed(0), measured.toFixed(0), `${(100 * error).toFixed(0)} %`]);
}
console.log(markdownTable(["spec", "estimate, MB", "peak, MB", "error"], rows));
if (wrong > 0) {
  console.error(`${wrong} estimates are off by more than ${100 * mostError} %`);
  process.exitCode = 1;
}

/** Of the process until its last training step is done, in bytes. */
async function measurePeak(words: readonly string[]): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), "seedbed-estimate-"));
  const child = spawn(process.execPath, [program, "run", ...words, "--runs", folder], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const peaks: { ms: number; bytes: number }[] = [];
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const look = setInterval(() => {
    peaks.push({ ms: Date.now(), bytes: peakSoFar(child.pid!) });
  }, lookMs);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(look);
  try {
    const end = code === 0 ? endOfTraining(folder) : 0;
    const last = peaks.filter(({ ms }) => ms <= end).at(-1);
    if (last) return last.bytes;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  throw new Error(`Cannot measure ${words[0]}: it ended with ${code}: ${errors}`);
}

/** When the last step of the only run was logged. */
function endOfTraining(runs: string): number {
  const [file = ""] = readdirSync(runs, { recursive: true, encoding: "utf8" }).filter(
    (name) => path.basename(name) === "metrics.jsonl",
  );
  const rows = readMetrics(path.join(runs, path.dirname(file)));
  const steps = rows.filter(({ metrics }) =>
    Object.keys(metrics).some((name) => name.startsWith("train/")),
  );
  return 1000 * Math.max(...steps.map(({ wallTimeSeconds }) => wallTimeSeconds));
}

function peakSoFar(pid: number): number {
  try {
    return processMemory(pid, "peak") || 0; // of one that is about to end it does not say
  } catch {
    return 0; // it has ended
  }
}
