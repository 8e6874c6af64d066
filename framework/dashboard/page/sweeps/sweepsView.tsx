import type { JSX } from "preact";

import type { SweepInfo } from "../../api.ts";
import { linkTo } from "../address/address.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { Notice } from "../parts/notice.tsx";
import { Unanswered } from "../parts/unanswered.tsx";
import { SweepProgress } from "./sweepProgress.tsx";

/** All sweeps of the folders. */
export function SweepsView(): JSX.Element {
  const { answer, error } = useAnswer<SweepInfo[]>("/api/sweeps", { follow: "all" });
  if (!answer) return <Unanswered error={error} />;
  if (answer.length === 0) {
    return (
      <Notice title="No sweeps yet">
        <p>
          They appear here when they start: <code>seedbed sweep sweeps/learning-rate.yaml</code>
        </p>
      </Notice>
    );
  }
  return (
    <div class="page">
      <header class="page-head">
        <h1>Sweeps</h1>
      </header>
      <ul class="plain-list sweep-list">
        {answer.map((sweep) => (
          <li key={sweep.id} class="panel sweep-card">
            <h2>
              <a href={linkTo(["sweep", sweep.id])}>{sweep.name}</a>
            </h2>
            <SweepProgress sweep={sweep} />
            <p class="muted">{searchWords(sweep)}</p>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What is sought and over what; a sweep may differ in its seeds alone. */
function searchWords({ metric, parameters }: SweepInfo): string {
  const sought = metric ? `${metric.goal} ${metric.name}` : "search";
  return parameters.length === 0
    ? sought
    : `${sought} over ${parameters.map(parameterName).join(", ")}`;
}

/** `config.optimizer.learningRate` without its prefix. */
export function parameterName(column: string): string {
  return column.replace(/^config\./, "");
}
