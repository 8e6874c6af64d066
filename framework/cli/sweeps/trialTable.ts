import { textTable } from "../../base/textTable.ts";
import { parameterLabel, valueLabel, variedParameters } from "../../sweep/pointLabels.ts";
import type { Trial, TrialPlan } from "../../sweep/trialPlan.ts";

/** Lines of a sweep without end, when nobody says how many. */
const shownOfEndless = 20;

/** A sweep's trials before they run, one line each. */
export function trialTable(plan: TrialPlan, count: number | undefined): string[] {
  const parameters = variedParameters(plan.spec);
  const wanted = count ?? plan.count ?? shownOfEndless;
  const trials = plan.first(Math.min(wanted, plan.independent ?? Infinity));
  const hasSeeds = plan.spec.seeds !== undefined;
  const header = ["trial", "id", ...parameters.map(parameterLabel), ...(hasSeeds ? ["seed"] : [])];
  const row = ({ index, id, point, seed }: Trial): string[] => [
    String(index + 1),
    id,
    ...parameters.map((parameter) => valueLabel(parameter, point)),
    ...(hasSeeds ? [String(seed)] : []),
  ];
  const isCut = trials.length < (plan.count ?? Infinity) && plan.trialAt(trials.length);
  return [
    `Sweep ${plan.spec.name}, id ${plan.id}: ${describeCount(plan)}${describeGoals(plan)}`,
    ...textTable([header, ...trials.map(row)], [0]),
    ...(isCut ? [plan.independent === undefined ? "..." : "... as these will show"] : []),
  ];
}

const describeCount = ({ count, spec: { seeds } }: TrialPlan): string =>
  `${count === undefined ? "trials without end" : `${count} trials`}${seeds === undefined ? "" : `, ${seeds} of each point`}`;

/** Of several objectives; a single one needs no word. */
function describeGoals({ spec: { objectives } }: TrialPlan): string {
  if (objectives.length < 2) return "";
  return `; to ${objectives.map(({ goal, name }) => `${goal} ${name}`).join(", to ")}`;
}
