import type { JSX } from "preact";

import type { SweepInfo } from "../../api.ts";

/** How many runs have finished, failed or are under way. */
export function SweepProgress({ sweep }: { readonly sweep: SweepInfo }): JSX.Element {
  const { runs, finished, failed } = sweep;
  const others = runs - finished - failed;
  const share = (count: number): string => `${runs > 0 ? (count / runs) * 100 : 0}%`;
  const words = `${runs} runs: ${finished} finished, ${failed} failed, ${others} others`;
  return (
    <div>
      <div class="progress" role="img" aria-label={words}>
        <span class="progress-finished" style={{ width: share(finished) }} />
        <span class="progress-failed" style={{ width: share(failed) }} />
      </div>
      <p class="muted">{words}</p>
    </div>
  );
}
