import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { IndexedRun } from "../../../store/indexedRun.ts";
import type { InfoAnswer } from "../../api.ts";
import { ActionDialog } from "../actions/actionDialog.tsx";
import { linkTo, navigate } from "../address/address.ts";
import { runPath } from "../ask/ask.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { Menu, MenuItem } from "../parts/menu.tsx";
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
  question: "The run's folder moves to the trash, from where it can be restored.",
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
      {action && (
        <ActionDialog
          title={`${action.name} ${run.name}/${run.id}`}
          question={action.question}
          name={action.name}
          path={runPath(run.key, action.path)}
          danger={action === remove}
          onDone={() => action === remove && navigate(linkTo(["runs"]).slice(1))}
          onClose={() => setAction(null)}
        />
      )}
    </>
  );
}
