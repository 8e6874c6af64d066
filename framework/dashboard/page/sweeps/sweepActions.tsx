import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { InfoAnswer, SweepInfo } from "../../api.ts";
import { ActionDialog } from "../actions/actionDialog.tsx";
import { useAnswer } from "../ask/useAnswer.ts";

/** Ends a sweep whose runs are under way. */
export function SweepActions({ sweep }: { readonly sweep: SweepInfo }): JSX.Element | null {
  const [asking, setAsking] = useState(false);
  const { answer: info } = useAnswer<InfoAnswer>("/api/info");
  if (!info?.actions) return null;
  return (
    <>
      <button onClick={() => setAsking(true)}>Stop…</button>
      {asking && (
        <ActionDialog
          title={`Stop the sweep ${sweep.name}`}
          question="No further trials start; those under way save a checkpoint and end."
          name="Stop"
          path={`/api/sweeps/${encodeURIComponent(sweep.id)}/stop`}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
