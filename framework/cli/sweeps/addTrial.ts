import { mkdirSync } from "node:fs";

import { InputError } from "../../base/errors.ts";
import { pausesAtRungs } from "../../spec/sweepStages.ts";
import { addedPoint } from "../../sweep/addedPoint.ts";
import { parameterLabel, valueLabel, variedParameters } from "../../sweep/pointLabels.ts";
import { recordPoint } from "../../sweep/recordedPoint.ts";
import { restorePoints } from "../../sweep/restorePoints.ts";
import type { SweepFolder } from "../../sweep/sweepFolder.ts";
import { isSweepRunning } from "../../sweep/sweepWorkers.ts";
import { TrialEvents } from "../../sweep/trialEvents.ts";
import type { Trial, TrialPlan } from "../../sweep/trialPlan.ts";
import { loadTrialSpec } from "./loadSweep.ts";
import { openSweep } from "./openSweep.ts";

export interface AddTrialOptions {
  /** The sweep's file, for messages. */
  readonly file: string;
  readonly runsFolder: string;
  /** Such as `optimizer.learningRate=0.01`. */
  readonly words: readonly string[];
  /** Address of a database for the journal, as it was typed. */
  readonly journal?: string | undefined;
  readonly warn?: (line: string) => void;
}

/**
 * Puts a point into a sweep as the next one that no process has begun: on the disk before this returns.
 *
 * @returns what there is to tell
 * @throws {InputError} for a point that the sweep does not have room for, or has already
 * @throws {SpecError} when the experiment does not take it
 */
export async function addTrial(
  plan: TrialPlan,
  { file, runsFolder, words, journal, warn = () => {} }: AddTrialOptions,
): Promise<string> {
  const { spec } = plan;
  checkTakesMore(plan);
  const { folder, server } = await openSweep(plan, { runsFolder, journal, warn, starts: true });
  mkdirSync(folder.path, { recursive: true });
  const events = new TrialEvents(folder, "add", {}, server?.meeting.store);
  try {
    const add = async (): Promise<Trial> => {
      restorePoints(plan, folder);
      const number = folder.additions(plan.id).length;
      const point = addedPoint(spec, words, { seed: spec.seed, number });
      const at = firstFree(plan, folder);
      checkIsNew(plan, point);
      const recorded = recordPoint(spec, point);
      plan.add(at, recorded);
      const [added] = plan.trialsOf(at);
      if (!spec.command) await loadTrialSpec(plan, added!);
      events.note(added!, { event: "added", sweep: plan.id, point: recorded });
      return added!;
    };
    const trial = await events.exclusively(add, () => plan.rewind());
    const isRunning = server ? await server.isRunning() : isSweepRunning(folder.path);
    const how = isRunning
      ? "the process that runs it takes it next"
      : `it runs with: seedbed sweep ${file}`;
    return `Trial ${trial.index + 1} of ${spec.name}, ${trial.id}: ${describe(plan, trial)}; ${how}`;
  } finally {
    await events.close();
  }
}

/** Who competes at a barrier is known from the start. */
function checkTakesMore({ spec }: TrialPlan): void {
  const { earlyTerminate, pbt, name } = spec;
  const isHalving =
    earlyTerminate && pausesAtRungs(earlyTerminate) && earlyTerminate.type !== "asha";
  if (!isHalving && !pbt) return;
  const what = pbt ? "the size of a population" : "all that compete in successive_halving";
  throw new InputError(
    `Cannot add a trial to ${name}: ${what} must be known before; change its file in the place of that`,
  );
}

/** The first point behind all that were begun. */
function firstFree(plan: TrialPlan, folder: SweepFolder): number {
  if (plan.independent !== undefined) return plan.pointCount;
  const perPoint = plan.spec.seeds ?? 1;
  let begun = 0;
  for (let index = 0; ; index++) {
    const trial = index < (plan.count ?? Infinity) ? plan.trialAt(index) : undefined;
    if (!trial) break;
    if (folder.record(trial.id).status !== "waiting") begun = index + 1;
    else if (plan.count === undefined && index >= begun + perPoint) break;
  }
  const added = folder.additions(plan.id).map(({ trial }) => Math.ceil(trial / perPoint));
  return Math.max(Math.ceil(begun / perPoint), ...added);
}

/** @throws {InputError} when the sweep has the point already, or is going to */
function checkIsNew(plan: TrialPlan, point: Trial["point"]): void {
  const id = plan.idOf(point);
  const all = plan.count ?? plan.pointCount * (plan.spec.seeds ?? 1);
  const twin = plan.known(all).find((trial) => trial.id === id);
  if (!twin) return;
  throw new InputError(
    `Cannot add a trial to ${plan.spec.name}: it is trial ${twin.index + 1}, ${twin.id}`,
  );
}

function describe({ spec }: TrialPlan, { point }: Trial): string {
  const used = variedParameters(spec).filter(({ name }) => point.has(name));
  return used.map((each) => `${parameterLabel(each)} ${valueLabel(each, point)}`).join(", ");
}
