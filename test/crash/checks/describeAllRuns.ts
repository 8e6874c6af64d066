import { createHash } from "node:crypto";

import type { RunIndex } from "../../../framework/store/runIndex.ts";
import type { Series } from "../../../framework/store/series.ts";
import { canonicalJson } from "../../../framework/tracking/parameters.ts";

/** Everything that the index and the curves say, in whatever order, as one hash for each run. */
export function describeAllRuns(index: RunIndex, series: Series): Readonly<Record<string, string>> {
  return Object.fromEntries(
    index.runs().map((run) => {
      const hash = createHash("sha256").update(canonicalJson(run));
      for (const name of series.names(run)) {
        const curve = series.curve(run, name);
        hash.update(`${name} ${curve?.values.all().join()}`);
      }
      return [run.key, hash.digest("hex")];
    }),
  );
}
