import type { IndexedRun } from "../../store/indexedRun.ts";
import { nameByDifferences } from "../../tracking/specDifferences.ts";

/** Runs that differ in their seed alone. */
export interface RunGroup {
  /** Its own among the groups. */
  readonly label: string;
  readonly runs: readonly IndexedRun[];
}

/** Runs over their seeds, in the order in which the first of each comes. */
export function runGroups(runs: readonly IndexedRun[]): RunGroup[] {
  const groups = new Map<string, IndexedRun[]>();
  for (const run of runs) {
    const known = groups.get(run.group);
    if (known) known.push(run);
    else groups.set(run.group, [run]);
  }
  const firsts = [...groups.values()].map(([first]) => first!);
  const labels = labelsOf(firsts);
  return [...groups.values()].map((members, i) => ({ label: labels[i]!, runs: members }));
}

/** What people call a run, else how its settings differ; with the id where that is not enough. */
function labelsOf(runs: readonly IndexedRun[]): string[] {
  const names = nameByDifferences(
    runs.map(({ config }) => config),
    "",
  );
  const labels = runs.map(({ title, name }, i) => title ?? (names[i] || name));
  return labels.map((label, i) =>
    labels.indexOf(label) === labels.lastIndexOf(label) ? label : `${label} (${runs[i]!.id})`,
  );
}
