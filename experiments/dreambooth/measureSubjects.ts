import type { ExperimentContext } from "seedbed";

import { measureFidelity } from "./fidelity.ts";
import type { BeforeAfter } from "./samples.ts";
import { subjectName } from "./subjects.ts";

type Summary = Record<string, number | string>;

/**
 * How well subjects were learnt, as lines of the summary. Of several each has its lines, under its
 * name, and what all of them have is also there as its mean.
 */
export async function measureSubjects(
  drawn: readonly BeforeAfter[],
  context: ExperimentContext,
): Promise<Summary> {
  const summaries: { name: string | undefined; summary: Summary }[] = [];
  for (const each of drawn) {
    const summary = await measureFidelity({ ...each, context });
    summaries.push({ name: subjectName(each.settings.data), summary });
  }
  return joinSummaries(summaries);
}

export function joinSummaries(
  summaries: readonly { name: string | undefined; summary: Summary }[],
): Summary {
  const [first] = summaries;
  if (summaries.length === 1) return first!.summary;
  const joined: Summary = {};
  for (const key of Object.keys(first!.summary)) {
    const values = summaries.map(({ summary }) => summary[key]);
    const numbers = values.filter((value) => typeof value === "number");
    if (numbers.length === values.length) {
      joined[key] = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    } else if (new Set(values).size === 1) joined[key] = values[0]!;
  }
  for (const { name, summary } of summaries) {
    for (const [key, value] of Object.entries(summary)) {
      if (typeof value === "number") joined[`${name}/${key}`] = value;
    }
  }
  return joined;
}
