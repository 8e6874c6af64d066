/**
 * @file `npm run bench:searchers -- [--methods tpe,bayes] [--functions branin] [--seeds 20]
 * [--python PYTHON]`: the median best value of our searchers on standard functions and on two trainings,
 * beside Optuna's. Of functions with two values it is the area that their Pareto front dominates, which
 * is to be large.
 * Optuna's values are those of `optuna-5.0.0.jsonl`, for 20 seeds, unless a Python that has it is named.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { textTable } from "../../../framework/base/textTable.ts";
import { loadSweepSpec } from "../../../framework/spec/loadSweepSpec.ts";
import { searchMethods, type SearchMethod } from "../../../framework/spec/sweepSpec.ts";
import { hypervolume } from "../../../framework/sweep/analysis/hypervolume.ts";
import { plainPoint } from "../../../framework/sweep/point.ts";
import type { Observation } from "../../../framework/sweep/searcher.ts";
import { searchers } from "../../../framework/sweep/searchers/index.ts";
import { quantile } from "../statistics.ts";
import { functions, type Objective } from "./objectives.ts";
import { trainings } from "./trainings/index.ts";

const objectives = [...functions, ...trainings];

const { values: options } = parseArgs({
  options: {
    methods: { type: "string", default: "tpe,bayes,nsga2" },
    functions: { type: "string", default: objectives.map(({ name }) => name).join(",") },
    seeds: { type: "string", default: "20" },
    python: { type: "string" },
  },
});
const seeds = Number(options.seeds);
const methods = searchMethods.filter((each) => options.methods.split(",").includes(each));
const chosen = objectives.filter(({ name }) => options.functions.split(",").includes(name));
const peerLines =
  options.python === undefined
    ? readFileSync(fileOf("optuna-5.0.0.jsonl"), "utf8").trim().split("\n")
    : await askOptuna(options.python);
const peers = peerLines.map((line): PeerBest => JSON.parse(line));

const rows = [["function", "method", "trials", "median", "quarters", "Optuna's median", "ms"]];
for (const objective of chosen) {
  for (const method of methods.filter((each) => suits(each, objective))) {
    const started = performance.now();
    const best: number[] = [];
    for (let seed = 0; seed < seeds; seed++) best.push(await bestOf(objective, method, seed));
    const ms = (performance.now() - started) / seeds / objective.trials;
    const peer = peers.find((each) => each.function === objective.name && each.method === method);
    rows.push([
      ...[objective.name, method, String(objective.trials), quantile(best, 0.5).toFixed(4)],
      `${quantile(best, 0.25).toFixed(4)} ... ${quantile(best, 0.75).toFixed(4)}`,
      peer ? quantile(peer.best, 0.5).toFixed(4) : "-",
      ms.toFixed(1),
    ]);
    console.log(rows.at(-1)!.join("  "));
  }
}
for (const line of textTable(rows)) console.log(line);

/** Single-valued functions are for all; `nsga2` is meant for several values. */
function suits(method: SearchMethod, { reference }: Objective): boolean {
  const weighsOne = ["tpe", "bayes", "cma_es"].includes(method);
  return reference ? !weighsOne : method !== "nsga2";
}

/** The smallest value that a searcher finds, or the area that its points dominate. */
async function bestOf(objective: Objective, method: SearchMethod, seed: number): Promise<number> {
  const { parameters, trials } = objective;
  const file = path.join(mkdtempSync(path.join(tmpdir(), "searchers-")), "sweep.yaml");
  const head = `method: ${method}\nmetric: { name: x }\nprogram: base.yaml\nparameters:\n`;
  writeFileSync(file, head + parameters);
  const searcher = searchers[method]({ space: loadSweepSpec(file), seed, points: trials });
  const observations: Observation[] = [];
  for (let index = 0; index < trials; index++) {
    const point = searcher.suggest(index, observations);
    if (!point) break;
    observations.push({ index, point, values: await objective.score(plainPoint(point)) });
  }
  const found = observations.map(({ values }) => values);
  return objective.reference
    ? hypervolume(found, objective.reference)
    : Math.min(...found.map(([value]) => value!));
}

interface PeerBest {
  readonly function: string;
  readonly method: string;
  readonly best: number[];
}

/** Lines of results; in between, the peer asks what a training reaches with settings of its choice. */
async function askOptuna(python: string): Promise<string[]> {
  const names = [methods.join(","), chosen.map(({ name }) => name).join(",")];
  const words = [fileOf("optuna_peer.py"), String(seeds), ...names];
  const peer = spawn(python, words, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(peer, "exit");
  const lines: string[] = [];
  for await (const line of createInterface(peer.stdout)) {
    const said: { ask?: string; point?: Record<string, unknown> } = JSON.parse(line);
    const asked = trainings.find(({ name }) => name === said.ask);
    if (asked) peer.stdin.write(`${(await asked.score(said.point ?? {}))[0]}\n`);
    else lines.push(line);
    if (!asked) console.error(line);
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`Cannot compare with Optuna: its program ended with ${code}`);
  return lines;
}

function fileOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
