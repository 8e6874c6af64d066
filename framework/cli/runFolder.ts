import { readdirSync } from "node:fs";
import path from "node:path";

/** What the entries of a run's folder are for, in the order they are worth looking at. */
const known: readonly (readonly [name: string, text: (entry: string) => string])[] = [
  ["media", () => "pictures that were logged"],
  ["tensorboard", (entry) => `tensorboard --logdir ${entry}`],
  ["wandb", (entry) => `seedbed wandb sync ${path.dirname(entry)}`],
  ["metrics.jsonl", () => "every number that was logged"],
  ["metrics.csv", () => "scalars, for spreadsheets"],
  ["checkpoints", () => "last.json names the newest, best.json the best"],
  ["spec.yaml", () => "the spec with every default"],
  ["manifest.json", () => "seed, versions, commit, host, artifacts, summary"],
  ["git.patch", () => "what the code differs in from its commit"],
  ["console.jsonl", () => "all that the run printed"],
  ["system.jsonl", () => "what the machine was doing meanwhile"],
  ["notes.json", () => "what somebody says of the run"],
  ["trial.json", () => "the run's part in its sweep"],
  ["slurm.json", () => "which of Slurm's jobs it was"],
  ["slurm.sh", () => "that job's script"],
  ["trial.log", () => "all that the run's process printed, with colours"],
];

/** Lines that say where a run is and what to look at: the experiment's own results come first. */
export function describeRunFolder(folder: string): string[] {
  const entries = readdirSync(folder)
    .filter((name) => !/^\.|\.(lock|tmp|bak)$/.test(name))
    .toSorted();
  const rest = known.filter(([name]) => entries.includes(name));
  const results = entries.filter((name) => rest.every(([other]) => other !== name));
  const width = Math.max(0, ...rest.map(([name]) => name.length));
  return [
    `Run finished: ${folder}`,
    ...results.map((name) => `  ${path.join(folder, name)}`),
    ...rest.map(([name, text]) => `  ${name.padEnd(width)}  ${text(path.join(folder, name))}`),
  ];
}
