import { loadSweepSpec } from "../../spec/loadSweepSpec.ts";
import { readSpec } from "../../spec/readSpec.ts";
import { mapping, toPlain } from "../../spec/specNode.ts";
import { yamlTraps } from "../../spec/yamlTraps.ts";
import { sweepId, TrialPlan, type Trial } from "../../sweep/trialPlan.ts";
import { describeWarmStart } from "../../sweep/warmStart/warmStart.ts";
import { loadWarmStart } from "../../sweep/warmStart/warmStartFile.ts";
import { canonicalJson } from "../../tracking/parameters.ts";
import { loadExperimentSpec } from "../loadExperimentSpec.ts";
import { packageVersion } from "../packageVersion.ts";
import { resolveReferences } from "../runReferences.ts";
import { checkCommand } from "./checkCommand.ts";

/** Trials that are looked at for the values that they are the first to have. */
const maxLooked = 1000;
/** Trials whose specs are checked before the sweep starts; the others are when they start. */
const maxChecked = 64;

export interface LoadSweepOptions {
  /** Where sweeps have their runs. */
  readonly runsFolder: string;
  /** In the place of the file's. */
  readonly launcher?: string | undefined;
  /** Whether the specs of its trials are checked. */
  readonly checksTrials?: boolean;
}

/**
 * Reads a sweep's file, and checks the experiment's specs that come of it: of every trial that has
 * a value no earlier one has, so that each value of each parameter is tried.
 *
 * @param warn told of earlier runs, and of what is without effect, each once for all trials
 * @throws {SpecError}
 */
export async function loadSweep(
  file: string,
  warn: (line: string) => void,
  { runsFolder, launcher, checksTrials = true }: LoadSweepOptions,
): Promise<TrialPlan> {
  const spec = loadSweepSpec(file, launcher);
  const program = spec.command ? mapping(spec.root.origin) : readSpec(spec.program).root;
  const warmStart = loadWarmStart(spec, { runsFolder, id: sweepId(spec, program) });
  const options = { spec, program, version: packageVersion() };
  const plan = new TrialPlan({ ...options, ...(warmStart && { warmStart }) });
  if (warmStart) warn(describeWarmStart(warmStart));
  for (const line of yamlTraps(file)) warn(line);
  if (spec.command) {
    checkCommand(spec, process.env);
    return plan;
  }
  if (!checksTrials) return plan;
  const warnings = new Set<string>();
  // a searcher that learns would not think again of what it is asked here, before any result
  const looked = plan.independent === undefined ? plan : new TrialPlan(options);
  for (const trial of firstWithValue(looked)) {
    const loaded = resolveReferences(await loadTrialSpec(plan, trial), runsFolder);
    await loaded.experiment.check?.(loaded.spec, (line) => warnings.add(line));
  }
  for (const line of warnings) warn(line);
  return plan;
}

/** The checked spec of a trial with the code that it names. */
export function loadTrialSpec(
  plan: TrialPlan,
  trial: Trial,
): ReturnType<typeof loadExperimentSpec> {
  return loadExperimentSpec(plan.spec.program, [], plan.treeOf(trial));
}

function firstWithValue(plan: TrialPlan): Trial[] {
  const seen = new Set<string>();
  const first: Trial[] = [];
  for (const trial of plan.first(maxLooked)) {
    const values = [...trial.point].map(([name, node]) => canonicalJson([name, toPlain(node)]));
    const fresh = values.filter((value) => !seen.has(value));
    for (const value of fresh) seen.add(value);
    if (fresh.length > 0) first.push(trial);
    if (first.length === maxChecked) break;
  }
  return first;
}
