import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { IndexedRun } from "../../../store/indexedRun.ts";
import type { RunAnswer } from "../../api.ts";
import { ask, runPath } from "../ask/ask.ts";
import { lastChange } from "../ask/changes.ts";
import { MediaGrid } from "../media/mediaGrid.tsx";
import { mediaOverview } from "../media/mediaKeys.ts";
import { Loading, Notice } from "../parts/notice.tsx";

/** Images and texts of the compared runs side by side, under one slider. */
export function CompareMedia({ runs }: { readonly runs: readonly IndexedRun[] }): JSX.Element {
  const media = useMediaOf(runs);
  if (!media) return <Loading />;
  const overview = mediaOverview(media, ["images", "text", "table", "prCurve"]);
  if (overview.keys.length === 0) return <Notice title="None of these runs has logged media" />;
  return <MediaGrid runs={runs} overview={overview} />;
}

/** Undefined until all runs have answered; one that is gone has none. */
function useMediaOf(runs: readonly IndexedRun[]): RunAnswer["media"][] | undefined {
  const [media, setMedia] = useState<RunAnswer["media"][]>();
  const { revision } = lastChange.value;
  useEffect(() => {
    const abort = new AbortController();
    const asked = runs.map(async ({ key }) => {
      try {
        return (await ask<RunAnswer>(runPath(key), { signal: abort.signal })).media;
      } catch {
        return [];
      }
    });
    void Promise.all(asked).then((found) => {
      if (!abort.signal.aborted) setMedia(found);
    });
    return () => abort.abort();
  }, [runs.map(({ key }) => key).join(), revision]);
  return media;
}
