import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { Icon } from "../../../web/page/icon.tsx";
import type { InfoAnswer } from "../../api.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { StartDialog } from "./startDialog.tsx";

/** Opens the dialog that starts runs, where the dashboard may. */
export function StartButton(): JSX.Element | null {
  const [open, setOpen] = useState(false);
  const { answer: info } = useAnswer<InfoAnswer>("/api/info");
  if (!info?.actions) return null;
  return (
    <>
      <button onClick={() => setOpen(true)}>
        <Icon name="play" /> Start
      </button>
      {open && <StartDialog onClose={() => setOpen(false)} />}
    </>
  );
}
