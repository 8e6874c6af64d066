import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { Icon } from "../../../web/page/icon.tsx";
import type { RunAnswer } from "../../api.ts";
import { linkTo } from "../address/address.ts";
import { ask, runPath } from "../ask/ask.ts";
import { Menu } from "../parts/menu.tsx";
import { attempt } from "../parts/message.tsx";
import { keptParameters } from "../places.ts";
import { changeNotes } from "../run/changeNotes.ts";
import { setTableState } from "./tableState.ts";

/** What can be done with the chosen runs. */
export function ChosenBar({ chosen }: { readonly chosen: readonly string[] }): JSX.Element | null {
  if (chosen.length === 0) return null;
  return (
    <div class="chosen-bar" role="region" aria-label="Chosen runs">
      <strong>{chosen.length} chosen</strong>
      <a class="button primary" href={linkTo(["charts"], {}, keptParameters)}>
        <Icon name="chart" /> Charts
      </a>
      <a class="button" href={linkTo(["compare"], {}, keptParameters)}>
        <Icon name="compare" /> Compare
      </a>
      <Menu label="Tag">{(close) => <TagForm chosen={chosen} close={close} />}</Menu>
      <button onClick={() => void changeNotes(chosen, { starred: true }, "Starred")}>Star</button>
      <button onClick={() => void changeNotes(chosen, { archived: true }, "Archived")}>
        Archive
      </button>
      <button class="quiet push" onClick={() => setTableState({ chosen: [] }, { replace: true })}>
        Clear
      </button>
    </div>
  );
}

function TagForm({
  chosen,
  close,
}: {
  readonly chosen: readonly string[];
  readonly close: () => void;
}): JSX.Element {
  const [tag, setTag] = useState("");
  const change = async (has: boolean): Promise<void> => {
    await attempt(() => changeTag(chosen, tag.trim(), has));
    close();
  };
  return (
    <form
      class="row menu-form"
      onSubmit={(event) => {
        event.preventDefault();
        void change(true);
      }}
    >
      <input
        aria-label="Tag"
        placeholder="Tag"
        required
        value={tag}
        onInput={(event) => setTag(event.currentTarget.value)}
      />
      <button class="primary">Add</button>
      <button type="button" disabled={!tag.trim()} onClick={() => void change(false)}>
        Remove
      </button>
    </form>
  );
}

async function changeTag(keys: readonly string[], tag: string, has: boolean): Promise<string> {
  await Promise.all(
    keys.map(async (key) => {
      const { run } = await ask<RunAnswer>(runPath(key));
      const rest = run.tags.filter((other) => other !== tag);
      await ask(runPath(key, "notes"), { body: { tags: has ? [...rest, tag] : rest } });
    }),
  );
  return `${has ? "Tagged" : "Untagged"} ${keys.length} runs with ${tag}`;
}
