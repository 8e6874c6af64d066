import { nameByDifferences, type ReportBlock } from "seedbed";

import { meansTable, type MetricColumn } from "./evaluationTables.ts";
import { groupRuns, summarise, type JudgedModel, type Numbered } from "./judged.ts";

/** What is averaged of a `JudgedSubject`. */
export interface AveragedSubject {
  readonly base: Pick<JudgedModel, "metrics">;
  readonly runs: readonly (Numbered & { readonly run: { readonly spec: Spec } })[];
}

type Spec = Readonly<Record<string, unknown>> & { readonly seed: number };

/**
 * Means over all subjects and seeds of runs that otherwise do not differ, with the bases' mean;
 * nothing where there is one subject.
 */
export function meansOverSubjects(
  subjects: readonly AveragedSubject[],
  columns: readonly MetricColumn[],
): ReportBlock[] {
  if (subjects.length === 1) return [];
  const runs = subjects.flatMap((subject) => subject.runs);
  const names = nameByDifferences(
    runs.map(({ run }) => withoutSubject(run.spec)),
    "all runs",
  );
  const renamed = runs.map((judged, i) => ({ ...judged, run: { ...judged.run, name: names[i]! } }));
  const bases = summarise(subjects.map(({ base }) => ({ ...base.metrics })));
  return [
    { kind: "heading", text: "Means over subjects" },
    meansTable({ numbers: bases, count: subjects.length }, groupRuns(renamed), columns),
  ];
}

/** A spec without what says which subject it is about, and what is shown of it. */
function withoutSubject({ data, sampling, ...rest }: Spec): Record<string, unknown> {
  return {
    ...rest,
    data: without(data, ["instance", "class", "subjects"]),
    sampling: without(sampling, ["prompts"]),
  };
}

function without(section: unknown, keys: readonly string[]): Record<string, unknown> {
  const entries = Object.entries(Object(section)).filter(([key]) => !keys.includes(key));
  return Object.fromEntries(entries);
}
