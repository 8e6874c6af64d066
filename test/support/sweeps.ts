import path from "node:path";

import { afterEach, beforeEach } from "mocha";

import { loadSweepSpec } from "../../framework/spec/loadSweepSpec.ts";
import { readSpec } from "../../framework/spec/readSpec.ts";
import type { SearchMethod } from "../../framework/spec/sweepSpec.ts";
import { plainPoint } from "../../framework/sweep/point.ts";
import { SweepFolder } from "../../framework/sweep/sweepFolder.ts";
import { TrialPlan, type Trial } from "../../framework/sweep/trialPlan.ts";
import type { WarmStart } from "../../framework/sweep/warmStart/warmStart.ts";
import { createRun } from "../../framework/tracking/createRun.ts";
import { jsonLinesLogger } from "../../framework/tracking/loggers/jsonLines.ts";
import { openRun } from "../../framework/tracking/openRun.ts";
import type { Run } from "../../framework/tracking/run.ts";
import type { RunOutcome, RunSummary } from "../../framework/tracking/runOutcome.ts";
import { temporaryFolder, type WriteFiles } from "./temporaryFolder.ts";

/** Sweeps that tests write down, in a fresh folder. */
export interface SweepWorkshop {
  readonly path: (...parts: string[]) => string;
  readonly write: WriteFiles;
  /** The plan of `sweep.yaml`, whose program is `base.yaml` unless the text says otherwise. */
  plan(text: string, method?: SearchMethod, warmStart?: WarmStart): TrialPlan;
  /** Where the plan's runs go. */
  folder(plan: TrialPlan): SweepFolder;
}

const program = "experiment: leastSquares\noptimizer: { name: sgd, learningRate: 0.5 }\nseed: 7\n";

export function sweepWorkshop(): SweepWorkshop {
  const temporary = temporaryFolder();
  // Asking git about the project takes longer than all else that a test's run does.
  beforeEach(() => void (process.env["GIT_DIR"] = temporary.path("no-repository")));
  afterEach(() => void delete process.env["GIT_DIR"]);
  const { write } = temporary;
  const at = (...parts: string[]): string => temporary.path(...parts);
  return {
    path: at,
    write,
    plan(text, method = "grid", warmStart) {
      write({
        "base.yaml": program,
        "sweep.yaml": `program: base.yaml\nmethod: ${method}\n${text}`,
      });
      const spec = loadSweepSpec(path.relative(process.cwd(), at("sweep.yaml")));
      const options = { spec, program: readSpec(spec.program).root, version: "1" };
      return new TrialPlan({ ...options, ...(warmStart && { warmStart }) });
    },
    folder: ({ spec: { name } }) => new SweepFolder(at("runs"), name),
  };
}

/** Begins a trial's run as its process would, or goes on with it. */
export function openTrialRun(folder: SweepFolder, plan: TrialPlan, trial: Trial): Run {
  const { id, index, group, point } = trial;
  const runFolder = folder.runFolder(id);
  if (folder.record(id).manifest) return openRun(runFolder);
  const sweep = { id: plan.id, name: plan.spec.name, trial: index + 1, group };
  return createRun({
    id,
    name: plan.spec.name,
    parentDirectory: folder.path,
    seed: trial.seed ?? 0,
    spec: {},
    specYaml: "{}\n",
    command: [],
    sweep: { ...sweep, parameters: plainPoint(point) },
  });
}

export interface StoredTrial {
  readonly outcome?: RunOutcome;
  readonly summary?: RunSummary;
  /** Logged at step 1, 2, ... */
  readonly logged?: readonly Readonly<Record<string, number>>[];
}

/** Leaves what a trial's process would. */
export async function storeTrial(
  folder: SweepFolder,
  plan: TrialPlan,
  trial: Trial,
  { outcome = "finished", summary = {}, logged = [] }: StoredTrial = {},
): Promise<void> {
  const run = openTrialRun(folder, plan, trial);
  run.loggers.push(jsonLinesLogger({ folder: run.folder }));
  for (const [i, metrics] of logged.entries()) {
    await run.logMetrics(metrics, { step: i + 1, epoch: 0, wallTimeSeconds: 1_700_000_000 });
  }
  await run.finish(outcome, summary);
}
