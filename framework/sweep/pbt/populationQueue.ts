import type { PopulationSpec } from "../../spec/populationSpec.ts";
import { BarrierQueue } from "../barrierQueue.ts";
import type { StagedQueueOptions } from "../halvingQueue.ts";
import type { DecidedEvent } from "../journal.ts";
import { recordPoint } from "../recordedPoint.ts";
import { isOut, StagedTrials, type StagedTrial } from "../stagedTrials.ts";
import type { RungEntry } from "../successiveHalving.ts";
import type { Trial } from "../trialPlan.ts";
import type { TrialSource } from "../trialQueue.ts";
import { decideGeneration, type MemberDecision } from "./decideGeneration.ts";
import { explore } from "./explore.ts";

/** A member that goes on from another one's weights, with other values. */
export interface Exploit {
  /** With its new values. */
  readonly member: Trial;
  readonly donor: Trial;
  /** That has ended, from 0. */
  readonly generation: number;
  /** At which both are paused. */
  readonly step: number;
}

export interface PopulationQueueOptions extends StagedQueueOptions {
  /** Puts the donor's checkpoint and the values into the member's run. Done again, it does nothing. */
  readonly exploit: (exploit: Exploit) => Promise<void>;
}

/**
 * Population-based training in generations that all members end together, so that one file and
 * seed give one result, however many run at once.
 *
 * Source: Jaderberg et al. 2017, arXiv:1711.09846; there members do not wait for each other.
 */
export function populationQueue(
  options: PopulationQueueOptions,
  population: PopulationSpec,
): TrialSource {
  const { base } = options;
  const { interval } = population;
  const untilStep = (generation: number): number => (generation + 1) * interval;
  const trials = new StagedTrials({ ...options, untilStep, logsParameters: true });
  return new BarrierQueue(base, trials, {
    decide: (generation) => endGeneration(options, population, trials, generation),
    enter: (generation) => exploitAll(options, trials, generation),
  });
}

function endGeneration(
  options: PopulationQueueOptions,
  population: PopulationSpec,
  trials: StagedTrials,
  generation: number,
): void {
  const { events, plan, folder } = options;
  const step = (generation + 1) * population.interval;
  const members = trials.all.filter((each) => !isOut(each) && each.record.manifest);
  const byIndex = new Map(members.map((member) => [member.trial.index, member]));
  const entries = members.map((each) => entryOf(trials, each, step, population.interval));
  trials.checkLogged(entries, step);
  const { seed } = plan.spec;
  const points = new Map(members.map(({ trial }) => [trial.index, trial.point]));
  for (const decision of decideGeneration(entries, { ...population, seed, generation })) {
    const member = byIndex.get(decision.index)!;
    if (member.rung > generation) continue;
    const donor = decision.donor === undefined ? undefined : byIndex.get(decision.donor)!;
    const reason = describe(trials, entries, decision, step);
    const rung = generation;
    if (donor) {
      const { factors, resample_probability } = population;
      const point = explore(points.get(donor.trial.index)!, {
        ...{ space: plan.spec, seed, generation, member: decision.index },
        ...{ factors, resample_probability },
      });
      events.decide(member.trial, {
        ...{ event: "decided", decision: "exploited", rung, step, reason },
        from: donor.trial.id,
        point: recordPoint(plan.spec, point),
      });
      member.trial = { ...member.trial, point };
    } else {
      events.decide(member.trial, { event: "decided", decision: "kept", rung, step, reason });
    }
    member.rung++;
    member.hasFailed = false;
    member.record = folder.record(member.trial.id);
  }
}

/** Of this generation alone; a member that has failed has nothing to show. */
function entryOf(
  trials: StagedTrials,
  member: StagedTrial,
  step: number,
  interval: number,
): RungEntry {
  if (member.hasFailed) return { index: member.trial.index, value: undefined };
  return trials.entry(member, step, step - interval);
}

function describe(
  trials: StagedTrials,
  entries: readonly RungEntry[],
  { index, place, donor }: MemberDecision,
  step: number,
): string {
  const valueOf = (of: number): string =>
    trials.describe(entries.find((entry) => entry.index === of)?.value);
  const end = donor === undefined ? "" : `; goes on from trial ${donor + 1} with ${valueOf(donor)}`;
  return `pbt at step ${step}: ${valueOf(index)} is number ${place} of ${entries.length}${end}`;
}

/** Carries out what was decided at the end of the generation before, now or by an earlier process. */
async function exploitAll(
  { folder, exploit }: PopulationQueueOptions,
  trials: StagedTrials,
  generation: number,
): Promise<void> {
  for (const { trial } of trials.all) {
    const last = folder.decisions(trial.id).findLast(isExploit);
    const donor = trials.all.find((each) => each.trial.id === last?.from);
    if (!last || !donor || last.rung !== generation - 1) continue;
    await exploit({ member: trial, donor: donor.trial, generation: last.rung, step: last.step });
  }
}

const isExploit = ({ decision }: DecidedEvent): boolean => decision === "exploited";
