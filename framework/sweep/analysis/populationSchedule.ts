import type { Point } from "../point.ts";
import { recallPoint } from "../recordedPoint.ts";
import type { SweepFolder } from "../sweepFolder.ts";
import type { Trial, TrialPlan } from "../trialPlan.ts";

/** Values under which weights were trained for a while. */
export interface ScheduleEntry {
  /** Optimizer steps. */
  readonly fromStep: number;
  /** The member that trained them. */
  readonly trial: Trial;
  readonly point: Point;
}

/**
 * The values under which a member's weights came to be, from the start on: before it went on from
 * another member's weights, those are that one's.
 */
export function populationSchedule(
  plan: TrialPlan,
  folder: SweepFolder,
  member: Trial,
): ScheduleEntry[] {
  const members = plan.known(plan.count ?? 0);
  const entries: ScheduleEntry[] = [];
  let trial = member;
  for (let rung = folder.decisions(member.id).length - 1; rung >= 0; rung--) {
    const event = folder.decisions(trial.id).find((each) => each.rung === rung);
    const donor = members.find(({ id }) => id === event?.from);
    if (!event?.point || !donor) continue;
    entries.unshift({ fromStep: event.step, trial, point: recallPoint(plan.spec, event.point) });
    trial = donor;
  }
  return [{ fromStep: 0, trial, point: trial.point }, ...entries];
}
