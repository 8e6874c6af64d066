import { joinSummaries } from "../measureSubjects.ts";
import { subjectName } from "../subjects.ts";
import type { Judges } from "./judges.ts";
import { qualityMetrics, type QualityMetrics, type Samplers } from "./qualityMetrics.ts";

/**
 * Measures all subjects, to be made before training. Of several each has its metrics, as in
 * `val/a-sks-cat/fidelity`, and what all of them have is also there as the mean; their score is the
 * least, since one that lost its class spoils the model.
 */
export async function subjectsQuality(
  { bySubject }: Judges,
  samplers: Samplers,
): Promise<QualityMetrics> {
  const own: { name: string | undefined; metrics: QualityMetrics }[] = [];
  for (const judges of bySubject) {
    const metrics = await qualityMetrics({ ...judges, ...samplers });
    own.push({ name: subjectName(judges.settings.data), metrics });
  }
  return {
    async measure(prompted) {
      const summaries: { name: string | undefined; summary: Record<string, number> }[] = [];
      for (const { name, metrics } of own) {
        summaries.push({ name, summary: await metrics.measure(prompted) });
      }
      const joined = joinSummaries(summaries);
      const scores = summaries.flatMap(({ summary: { score } }) => score ?? []);
      if (scores.length > 0) joined["score"] = Math.min(...scores);
      return Object.fromEntries(
        Object.entries(joined).map(([name, value]) => [`val/${name}`, Number(value)]),
      );
    },
  };
}
