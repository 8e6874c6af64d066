import type { JSX } from "preact";

import type { IndexedRun } from "../../../store/indexedRun.ts";
import type { HistogramsAnswer, RunAnswer } from "../../api.ts";
import { address, setParameters } from "../address/address.ts";
import { runPath } from "../ask/ask.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { HeatMap } from "../media/heatMap.tsx";
import { Ridges } from "../media/ridges.tsx";
import { Loading, Notice } from "../parts/notice.tsx";

interface HistogramsTabProps {
  readonly run: IndexedRun;
  readonly media: RunAnswer["media"];
}

/** Histograms over time: as ridges, or as a map. */
export function HistogramsTab({ run, media }: HistogramsTabProps): JSX.Element {
  const { parameters } = address.value;
  const search = parameters["search"] ?? "";
  const asMap = parameters["as"] === "map";
  const all = media.filter(({ kind }) => kind === "histogram");
  const found = all.filter(({ key }) => key.toLowerCase().includes(search.toLowerCase()));
  if (all.length === 0) return <Notice title="This run has logged no histograms" />;
  return (
    <>
      <div class="tools">
        <input
          type="search"
          data-filter
          aria-label="Search histograms"
          placeholder="Search histograms"
          value={search}
          onInput={(event) =>
            setParameters({ search: event.currentTarget.value || null }, { replace: true })
          }
        />
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
      <header class="chart-head">
        <h3 class="clip" title={name}>
          {name}
        </h3>
      </header>
      {error && <Notice kind="error" title={error.message} />}
      {!answer && !error && <Loading rows={4} />}
      {answer &&
        (asMap ? (
          <HeatMap name={name} histograms={answer.histograms} />
        ) : (
          <Ridges name={name} histograms={answer.histograms} />
        ))}
    </section>
  );
}
