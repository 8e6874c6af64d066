import type { JSX } from "preact";

import type { IndexedRun } from "../../../store/indexedRun.ts";
import type { HistogramsAnswer, RunAnswer } from "../../api.ts";
import { address, setParameters } from "../address/address.ts";
import { runPath } from "../ask/ask.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { ChartHead } from "../charts/chartHead.tsx";
import { HeatMap } from "../media/heatMap.tsx";
import { Ridges } from "../media/ridges.tsx";
import { Notice } from "../parts/notice.tsx";
import { SearchBox, searchedText } from "../parts/searchBox.tsx";
import { Unanswered } from "../parts/unanswered.tsx";

interface HistogramsTabProps {
  readonly run: IndexedRun;
  readonly media: RunAnswer["media"];
}

/** Histograms over time: as ridges, or as a map. */
export function HistogramsTab({ run, media }: HistogramsTabProps): JSX.Element {
  const search = searchedText();
  const asMap = address.value.parameters["as"] === "map";
  const all = media.filter(({ kind }) => kind === "histogram");
  const found = all.filter(({ key }) => key.toLowerCase().includes(search.toLowerCase()));
  if (all.length === 0) return <Notice title="This run has logged no histograms" />;
  return (
    <>
      <div class="tools">
        <SearchBox label="Search histograms" />
        <button aria-pressed={!asMap} onClick={() => setParameters({ as: null })}>
          Ridges
        </button>
        <button aria-pressed={asMap} onClick={() => setParameters({ as: "map" })}>
          Map
        </button>
      </div>
      <div class="chart-grid">
        {found.map(({ key }) => (
          <Histogram key={key} run={run} name={key} asMap={asMap} />
        ))}
      </div>
    </>
  );
}

function Histogram(props: {
  readonly run: IndexedRun;
  readonly name: string;
  readonly asMap: boolean;
}): JSX.Element {
  const { run, name, asMap } = props;
  const { answer, error } = useAnswer<HistogramsAnswer>(
    runPath(run.key, "histograms", { key: name }),
    { follow: [run.key] },
  );
  return (
    <section class="chart panel" aria-label={name}>
      <ChartHead name={name} />
      {(error || !answer) && <Unanswered error={error} rows={4} />}
      {answer &&
        (asMap ? (
          <HeatMap name={name} histograms={answer.histograms} />
        ) : (
          <Ridges name={name} histograms={answer.histograms} />
        ))}
    </section>
  );
}
