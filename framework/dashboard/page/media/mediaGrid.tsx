import type { JSX } from "preact";

import type { IndexedRun } from "../../../store/indexedRun.ts";
import { address, linkTo, setParameters } from "../address/address.ts";
import { SearchBox, searchedText } from "../parts/searchBox.tsx";
import { runTitle } from "../run/runTitle.ts";
import { MediaItem } from "./mediaItem.tsx";
import type { MediaOverview } from "./mediaKeys.ts";
import { shownStep, StepSlider } from "./stepSlider.tsx";

interface MediaGridProps {
  readonly runs: readonly IndexedRun[];
  readonly overview: MediaOverview;
}

const smallest = 64;
const largest = 512;
const usual = 128;

/** Media of runs side by side, a row for each key, under one slider of steps. */
export function MediaGrid({ runs, overview }: MediaGridProps): JSX.Element {
  const { parameters } = address.value;
  const search = searchedText();
  const size = Math.min(largest, Math.max(smallest, Number(parameters["size"] ?? usual) || usual));
  const step = shownStep(overview.steps);
  const keys = overview.keys.filter(({ key }) => key.toLowerCase().includes(search.toLowerCase()));
  return (
    <>
      <div class="tools media-tools">
        <StepSlider steps={overview.steps} />
        <SearchBox label="Search media" />
        <label class="field">
          <span>size</span>
          <input
            type="range"
            min={smallest}
            max={largest}
            step="32"
            value={size}
            onInput={(event) =>
              setParameters({ size: event.currentTarget.value }, { replace: true })
            }
          />
        </label>
      </div>
      {keys.map((media) => (
        <section key={`${media.kind} ${media.key}`} class="panel media-key" aria-label={media.key}>
          <header class="panel-head">
            <h2>{media.key}</h2>
          </header>
          <div
            class="media-runs"
            style={{
              gridTemplateColumns: `repeat(${runs.length}, minmax(${runs.length > 1 ? 280 : 0}px, 1fr))`,
            }}
            tabIndex={runs.length > 1 ? 0 : undefined}
          >
            {runs.map((run) => (
              <div key={run.key} class="media-run">
                {runs.length > 1 && (
                  <a class="clip media-run-name" href={linkTo(["run", run.key])}>
                    {runTitle(run)}
                  </a>
                )}
                <MediaItem run={run.key} media={media} step={step} size={size} />
              </div>
            ))}
          </div>
        </section>
      ))}
    </>
  );
}
