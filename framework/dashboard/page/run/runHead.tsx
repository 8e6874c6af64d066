import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { IndexedRun } from "../../../store/indexedRun.ts";
import { Icon } from "../../../web/page/icon.tsx";
import { isDark } from "../../../web/page/theme.ts";
import type { RunAnswer } from "../../api.ts";
import { linkTo } from "../address/address.ts";
import { runColour } from "../colours/runColour.ts";
import { Status } from "../parts/status.tsx";
import { changeNotes } from "./changeNotes.ts";
import { RunActions } from "./runActions.tsx";
import { runTitle } from "./runTitle.ts";

/** Name, status and what can be done with the run. */
export function RunHead({ answer }: { readonly answer: RunAnswer }): JSX.Element {
  const { run } = answer;
  return (
    <header class="page-head">
      <span class="swatch swatch-large" style={{ background: runColour(run, isDark()) }} />
      <Title run={run} />
      <Status status={run.status} />
      {run.archived && <span class="tag">archived</span>}
      <button
        class={`quiet icon-button star ${run.starred ? "starred" : ""}`}
        aria-label="Star this run"
        aria-pressed={run.starred}
        onClick={() => void changeNotes([run.key], { starred: !run.starred })}
      >
        <Icon name="star" />
      </button>
      <div class="row push">
        <a class="button" href={linkTo(["charts"], { filter: `group = "${run.group}"` })}>
          <Icon name="chart" /> With its seeds
        </a>
        <RunActions run={run} />
      </div>
    </header>
  );
}

/** A heading that becomes a field. */
function Title({ run }: { readonly run: IndexedRun }): JSX.Element {
  const [text, setText] = useState<string | null>(null);
  const save = async (): Promise<void> => {
    const title = text?.trim() || null;
    setText(null);
    if (title !== run.title) await changeNotes([run.key], { title }, "Renamed");
  };
  if (text !== null) {
    return (
      <input
        class="title-input"
        aria-label="Name of this run"
        value={text}
        ref={(element) => element?.focus()}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={() => void save()}
        onKeyDown={(event) => {
          if (event.key === "Enter") void save();
          if (event.key === "Escape") setText(null);
        }}
      />
    );
  }
  return (
    <>
      <h1 class="run-title">{runTitle(run)}</h1>
      <button class="quiet" onClick={() => setText(run.title ?? "")}>
        Rename
      </button>
    </>
  );
}
