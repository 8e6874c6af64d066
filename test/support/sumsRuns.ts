import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { readMetrics } from "seedbed";

import type { Ended } from "./mpirun.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

const spec = `name: sums
experiment: sums
seed: 3
trainer: {backend: ort, maxSteps: 8, logEveryNSteps: 1}
optimizer: {name: adamW, learningRate: 0.05}
callbacks: []
loggers: {tensorBoard: false, wandb: false}
`;

/** Any end that is not a success takes no longer, however busy the machine is. */
const fewSeconds = 40;

interface Manifest {
  readonly status: string;
  readonly summary: Record<string, unknown>;
}

/** Runs of the experiment `sums` in a temporary folder, for use inside `describe`. */
export class SumsRuns {
  readonly folder: ReturnType<typeof temporaryFolder> = temporaryFolder();

  /** Of the command, to run the spec. */
  args(...more: string[]): string[] {
    this.folder.write({ "sums.yaml": spec });
    return ["run", this.folder.path("sums.yaml"), ...more, "--runs", this.folder.path("runs")];
  }

  /** The only run that there is. */
  runFolder(): string {
    const [id = "", ...others] = readdirSync(this.folder.path("runs", "sums"));
    expect(others).to.deep.equal([]);
    return this.folder.path("runs", "sums", id);
  }

  manifest(): Manifest {
    return JSON.parse(readFileSync(path.join(this.runFolder(), "manifest.json"), "utf8"));
  }

  curve(name: string): number[] {
    return readMetrics(this.runFolder()).flatMap(({ metrics }) => metrics[name] ?? []);
  }
}

/** Of a command that says why it ends, and does so soon. */
export function expectEnd(
  { code, text, seconds }: Ended,
  expected: { code: number; text: RegExp },
): void {
  expect(expected.text.test(text), text).to.equal(true);
  expect(code, text).to.equal(expected.code);
  expect(seconds).to.be.below(fewSeconds);
}
