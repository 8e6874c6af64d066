import type { JSX } from "preact";

import { Dialog } from "../parts/dialog.tsx";
import { attempt } from "../parts/message.tsx";
import { act } from "./act.ts";
import { TokenForm, useToken } from "./tokenForm.tsx";

interface ActionDialogProps {
  readonly title: string;
  /** What will happen. */
  readonly question: string;
  /** Of the button. */
  readonly name: string;
  readonly path: string;
  readonly danger?: boolean;
  readonly onDone?: () => void;
  readonly onClose: () => void;
}

/** Asks once more before something is done, and for the token where it is not known. */
export function ActionDialog(props: ActionDialogProps): JSX.Element {
  const { title, question, name, path, danger = false, onDone, onClose } = props;
  const known = useToken();
  const run = async (): Promise<void> => {
    if (!(await attempt(() => act(path)))) return;
    onClose();
    onDone?.();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{question}</p>
      {known ? (
        <div class="row dialog-foot">
          <button class={danger ? "danger" : "primary"} onClick={() => void run()}>
            {name}
          </button>
          <button onClick={onClose}>Cancel</button>
        </div>
      ) : (
        <TokenForm />
      )}
    </Dialog>
  );
}
