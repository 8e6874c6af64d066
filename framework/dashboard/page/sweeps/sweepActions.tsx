import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { ActionAnswer, InfoAnswer, SweepInfo } from "../../api.ts";
import { ask } from "../ask/ask.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { Dialog } from "../parts/dialog.tsx";
import { attempt } from "../parts/message.tsx";
import { TokenForm, useToken } from "../parts/tokenForm.tsx";

/** Ends a sweep whose runs are under way. */
export function SweepActions({ sweep }: { readonly sweep: SweepInfo }): JSX.Element | null {
  const [asking, setAsking] = useState(false);
  const { answer: info } = useAnswer<InfoAnswer>("/api/info");
  const known = useToken();
  if (!info?.actions) return null;
  const stop = async (): Promise<void> => {
    const done = await attempt(async () => {
      const path = `/api/sweeps/${encodeURIComponent(sweep.id)}/stop`;
      const { message } = await ask<ActionAnswer>(path, { method: "POST" });
      return message;
    });
    if (done) setAsking(false);
  };
  return (
    <>
      <button onClick={() => setAsking(true)}>Stop…</button>
      {asking && (
        <Dialog title={`Stop the sweep ${sweep.name}`} onClose={() => setAsking(false)}>
          <p>No further trials start; those under way save a checkpoint and end.</p>
          {known ? (
            <div class="row dialog-foot">
              <button class="primary" onClick={() => void stop()}>
                Stop
              </button>
              <button onClick={() => setAsking(false)}>Cancel</button>
            </div>
          ) : (
            <TokenForm />
          )}
        </Dialog>
      )}
    </>
  );
}
