import type { JSX } from "preact";

import type { SweepAnalysisAnswer } from "../../api.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { Unanswered } from "../parts/unanswered.tsx";
import { BestPoint } from "./bestPoint.tsx";
import { DependencePlots } from "./dependencePlots.tsx";
import { ImportanceBars } from "./importanceBars.tsx";
import { analysisPath } from "./metricChoice.tsx";
import { ParetoPlot } from "./paretoPlot.tsx";
import { SweepCost } from "./sweepCost.tsx";

/** What follows from a sweep's trials, by points. */
export function SweepFindings({ id }: { readonly id: string }): JSX.Element {
  const { answer, error } = useAnswer<SweepAnalysisAnswer>(analysisPath(id), { follow: "all" });
  if (!answer) return <Unanswered error={error} rows={6} />;
  const { influence, metric, front, cost } = answer;
  return (
    <>
      <div class="sweep-pair">
        <section class="panel sweep-part" aria-label="Best configuration">
          <BestPoint analysis={answer} />
        </section>
        <section class="panel sweep-part" aria-label="Importance">
          <ImportanceBars analysis={answer} />
        </section>
      </div>
      {influence && (
        <section class="panel sweep-part" aria-label="Partial dependence">
          <DependencePlots influence={influence} metric={metric?.name ?? ""} />
        </section>
      )}
      <div class="sweep-pair">
        {front && (
          <section class="panel sweep-part" aria-label="Pareto front">
            <ParetoPlot front={front} />
          </section>
        )}
        <section class="panel sweep-part" aria-label="Cost">
          <SweepCost cost={cost} />
        </section>
      </div>
    </>
  );
}
