import type { JSX } from "preact";

import type { IndexedRun } from "../../../store/indexedRun.ts";
import type { RunAnswer } from "../../api.ts";
import { MediaGrid } from "../media/mediaGrid.tsx";
import { mediaOverview } from "../media/mediaKeys.ts";
import { Notice } from "../parts/notice.tsx";

interface MediaTabProps {
  readonly run: IndexedRun;
  readonly media: RunAnswer["media"];
}

/** Images, texts, tables and curves of a run. */
export function MediaTab({ run, media }: MediaTabProps): JSX.Element {
  const overview = mediaOverview([media], ["images", "text", "table", "prCurve"]);
  if (overview.keys.length === 0) {
    return <Notice title="This run has logged no images, texts, tables or curves" />;
  }
  return <MediaGrid runs={[run]} overview={overview} />;
}
