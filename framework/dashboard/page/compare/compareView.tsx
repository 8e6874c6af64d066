import type { JSX } from "preact";

import type { CompareAnswer } from "../../api.ts";
import { address, linkTo } from "../address/address.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { ChartGrid } from "../charts/chartGrid.tsx";
import { chartState } from "../charts/chartState.ts";
import { ChartTools } from "../charts/chartTools.tsx";
import { CurveList } from "../charts/curveList.tsx";
import { useCurveStyles } from "../charts/useCurveStyles.ts";
import { Notice } from "../parts/notice.tsx";
import { Unanswered } from "../parts/unanswered.tsx";
import { keptParameters } from "../places.ts";
import { tableState } from "../table/tableState.ts";
import { CompareMedia } from "./compareMedia.tsx";
import { DifferenceTable } from "./differenceTable.tsx";
import { ReportMenu } from "./reportMenu.tsx";

const tabs = [
  ["differences", "Differences"],
  ["charts", "Charts"],
  ["media", "Media"],
] as const;

const mostCompared = 20;

/** The chosen runs beside each other. */
export function CompareView(): JSX.Element {
  const { chosen } = tableState();
  const [, place] = address.value.path;
  const tab = tabs.find(([name]) => name === place)?.[0] ?? "differences";
  const keys = chosen.slice(0, mostCompared);
  const { answer, error } = useAnswer<CompareAnswer>(
    keys.length > 0 ? `/api/compare?runs=${keys.map(encodeURIComponent).join(",")}` : null,
    { follow: keys },
  );
  if (keys.length === 0) return <NothingChosen />;
  if (!answer) return <Unanswered error={error} rows={12} />;
  return (
    <div class="page">
      <header class="page-head">
        <h1>Compare {answer.runs.length} runs</h1>
        {chosen.length > mostCompared && (
          <span class="muted">
            the first {mostCompared} of the {chosen.length} chosen
          </span>
        )}
        <div class="row push">
          <ReportMenu keys={keys} />
        </div>
      </header>
      <nav class="tabs" aria-label="Parts of the comparison">
        {tabs.map(([name, words]) => (
          <a
            key={name}
            href={linkTo(["compare", name], {}, keptParameters)}
            aria-current={name === tab ? "page" : undefined}
          >
            {words}
          </a>
        ))}
      </nav>
      {tab === "differences" && <DifferenceTable answer={answer} />}
      {tab === "charts" && <CompareCharts answer={answer} />}
      {tab === "media" && <CompareMedia runs={answer.runs} />}
    </div>
  );
}

function NothingChosen(): JSX.Element {
  return (
    <Notice title="No runs are chosen to compare">
      <p>
        Tick some in <a href={linkTo(["runs"], {}, keptParameters)}>the table</a>, or with the key{" "}
        <kbd>x</kbd>
      </p>
    </Notice>
  );
}

/** All metrics of the compared runs, one curve for each run. */
function CompareCharts({ answer }: { readonly answer: CompareAnswer }): JSX.Element {
  const state = chartState();
  const chosen = answer.runs.map(({ key }) => key);
  const { curves } = useCurveStyles({ ...tableState(), groupBy: [], chosen });
  const metrics = [...new Set(answer.runs.flatMap((run) => Object.keys(run.metrics)))];
  return (
    <>
      <ChartTools state={state} metrics={metrics} grouped={false} />
      <div class="panel compare-legend">
        <CurveList curves={curves} hidden={state.hidden} />
      </div>
      <ChartGrid metrics={metrics} curves={curves} state={state} />
    </>
  );
}
