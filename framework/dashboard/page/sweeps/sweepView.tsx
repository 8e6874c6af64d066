import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";

import { Icon } from "../../../web/page/icon.tsx";
import type { ColumnsAnswer, SweepAnswer } from "../../api.ts";
import { address, linkTo } from "../address/address.ts";
import { formatList } from "../address/list.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { Unanswered } from "../parts/unanswered.tsx";
import { MetricChoice, sweepPath } from "./metricChoice.tsx";
import { ParallelCoordinates } from "./parallelCoordinates.tsx";
import { Scatter } from "./scatter.tsx";
import { SweepActions } from "./sweepActions.tsx";
import { SweepFindings } from "./sweepFindings.tsx";
import { SweepProgress } from "./sweepProgress.tsx";
import { sweepTrials } from "./sweepTrials.ts";
import { TrialTable } from "./trialTable.tsx";

/** What a sweep has found. */
export function SweepView(): JSX.Element {
  const [, id = ""] = address.value.path;
  const { answer, error } = useAnswer<SweepAnswer>(sweepPath(id), { follow: "all" });
  const keys = answer?.trials.slice(0, 100).map(({ key }) => encodeURIComponent(key)) ?? [];
  const { answer: columns } = useAnswer<ColumnsAnswer>(
    keys.length > 0 ? `/api/columns?runs=${keys.join(",")}` : null,
  );
  const [kept, setKept] = useState<ReadonlySet<string> | null>(null);
  const trials = useMemo(() => (answer ? sweepTrials(answer) : []), [answer]);
  if (!answer) return <Unanswered error={error} rows={12} />;
  const sweepFilter = `sweep = ${JSON.stringify(answer.name)}`;
  const shown = trials.filter(({ key }) => kept === null || kept.has(key));
  return (
    <div class="page">
      <header class="page-head">
        <h1>{answer.name}</h1>
        <SweepProgress sweep={answer} />
        <MetricChoice sweep={answer} columns={columns} />
        <div class="row push">
          <a class="button" href={linkTo(["runs"], { filter: sweepFilter })}>
            <Icon name="table" /> Runs
          </a>
          <a
            class="button"
            href={linkTo(["charts"], { filter: sweepFilter, group: formatList(answer.parameters) })}
          >
            <Icon name="chart" /> Charts
          </a>
          <SweepActions sweep={answer} />
        </div>
      </header>
      <section class="panel sweep-part" aria-label="Parallel coordinates">
        <ParallelCoordinates sweep={answer} trials={trials} kept={kept} onKeep={setKept} />
      </section>
      <section class="panel sweep-part" aria-label="Scatter">
        <Scatter sweep={answer} trials={shown} columns={columns} />
      </section>
      <SweepFindings id={id} />
      <section class="panel sweep-part" aria-label="Trials">
        <TrialTable sweep={answer} trials={shown} all={trials.length} />
      </section>
    </div>
  );
}
