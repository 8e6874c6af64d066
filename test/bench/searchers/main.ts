/**
 * @file `npm run bench:searchers -- [--methods tpe,bayes] [--functions branin] [--seeds 20]
 * [--python PYTHON]`: the median best value of our searchers on standard functions, beside Optuna's. Of
 * functions with two values it is the area that their Pareto front dominates, which is to be large.
 * Optuna's values are those of `optuna-5.0.0.jsonl`, for 20 seeds, unless a Python that has it is named.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { textTable } from "../../../framework/base/textTable.ts";
import { loadSweepSpec } from "../../../framework/spec/loadSweepSpec.ts";
import { searchMethods, type SearchMethod } from "../../../framework/spec/sweepSpec.ts";
import { hypervolume } from "../../../framework/sweep/analysis/hypervolume.ts";
import { plainPoint } from "../../../framework/sweep/point.ts";
import type { Observation } from "../../../framework/sweep/searcher.ts";
import { searchers } from "../../../framework/sweep/searchers/index.ts";
import { objectives, type Objective } from "./objectives.ts";

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
  options.python === undefined ? readFileSync(fileOf("optuna-5.0.0.jsonl"), "utf8") : askOptuna();
const peers = peerLines
  .trim()
  .split("\n")
  .map((line): PeerBest => JSON.parse(line));

const rows = [["function", "method", "trials", "median", "quarters", "Optuna's median", "ms"]];
for (const objective of chosen) {
  for (const method of methods.filter((each) => suits(each, objective))) {
    const started = performance.now();
    const best = Array.from({ length: seeds }, (_, seed) => bestOf(objective, method, seed));
    const ms = (performance.now() - started) / seeds / objective.trials;
    const peer = peers.find((each) => each.function === objective.name && each.method === method);
    rows.push([
      ...[objective.name, method, String(objective.trials), quantile(best, 0.5)],
      `${quantile(best, 0.25)} ... ${quantile(best, 0.75)}`,
      peer ? quantile(peer.best, 0.5) : "-",
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
function bestOf(objective: Objective, method: SearchMethod, seed: number): number {
  const { parameters, trials } = objective;
  const file = path.join(mkdtempSync(path.join(tmpdir(), "searchers-")), "sweep.yaml");
  const head = `method: ${method}\nmetric: { name: x }\nprogram: base.yaml\nparameters:\n`;
  writeFileSync(file, head + parameters);
  const searcher = searchers[method]({ space: loadSweepSpec(file), seed, points: trials });
  const observations: Observation[] = [];
  for (let index = 0; index < trials; index++) {
    const point = searcher.suggest(index, observations);
    if (!point) break;
    observations.push({ index, point, values: objective.score(plainPoint(point)) });
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

function askOptuna(): string {
  const names = [methods.join(","), chosen.map(({ name }) => name).join(",")];
  const words = [fileOf("optuna_peer.py"), String(seeds), ...names];
  return execFileSync(options.python!, words, { encoding: "utf8" });
}

function fileOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function quantile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return (low + (high - low) * (at - Math.floor(at))).toFixed(4);
}
