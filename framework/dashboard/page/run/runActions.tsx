import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { IndexedRun } from "../../../store/indexedRun.ts";
import type { ActionAnswer, InfoAnswer } from "../../api.ts";
import { linkTo, navigate } from "../address/address.ts";
import { ask, runPath } from "../ask/ask.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Menu, MenuItem } from "../parts/menu.tsx";
import { attempt } from "../parts/message.tsx";
import { TokenForm, useToken } from "../parts/tokenForm.tsx";
import { changeNotes } from "./changeNotes.ts";

interface Action {
  readonly path: "stop" | "resume" | "delete";
  readonly name: string;
  readonly question: string;
}

const stop: Action = {
  path: "stop",
  name: "Stop",
  question: "The run saves a checkpoint and ends. It can be resumed.",
};
const resume: Action = {
  path: "resume",
  name: "Resume",
  question: "The run goes on from its last checkpoint, in a process of its own.",
};
const remove: Action = {
  path: "delete",
  name: "Delete",
  question: "The run's folder moves to the trash, runs/.trash.",
};

/** Archive, and what needs the token: stop, resume, delete. */
export function RunActions({ run }: { readonly run: IndexedRun }): JSX.Element {
  const [action, setAction] = useState<Action | null>(null);
  const { answer: info } = useAnswer<InfoAnswer>("/api/info");
  const offered = [run.status === "running" ? stop : resume, remove];
  return (
    <>
      <Menu label="Actions">
        {(close) => (
          <>
            <MenuItem
              onClick={() => {
                close();
                const words = run.archived ? "No longer archived" : "Archived";
                void changeNotes([run.key], { archived: !run.archived }, words);
              }}
            >
              {run.archived ? "Take out of the archive" : "Archive"}
            </MenuItem>
            <hr />
            {offered.map((item) => (
              <MenuItem
                key={item.path}
                disabled={!info?.actions || (item !== remove && run.source !== "seedbed")}
                onClick={() => {
                  close();
                  setAction(item);
                }}
              >
                {item.name}…
              </MenuItem>
            ))}
            {info?.actions === false && (
              <p class="muted menu-hint">
                Start the dashboard with <code>--allow-actions</code> for these
              </p>
            )}
          </>
        )}
      </Menu>
      {action && <ActionDialog run={run} action={action} onClose={() => setAction(null)} />}
    </>
  );
}

interface ActionDialogProps {
  readonly run: IndexedRun;
  readonly action: Action;
  readonly onClose: () => void;
}

/** Asks once more, and for the token where it is not known. */
function ActionDialog({ run, action, onClose }: ActionDialogProps): JSX.Element {
  const known = useToken();
  const act = async (): Promise<void> => {
    const done = await attempt(async () => {
      const { message } = await ask<ActionAnswer>(runPath(run.key, action.path), {
        method: "POST",
      });
      return message;
    });
    if (!done) return;
    onClose();
    if (action === remove) navigate(linkTo(["runs"]).slice(1));
  };
  return (
    <Dialog title={`${action.name} ${run.name}/${run.id}`} onClose={onClose}>
      <p>{action.question}</p>
      {known ? (
        <div class="row dialog-foot">
          <button class={action === remove ? "danger" : "primary"} onClick={() => void act()}>
            {action.name}
          </button>
          <button onClick={onClose}>Cancel</button>
        </div>
      ) : (
        <TokenForm />
      )}
    </Dialog>
  );
}
