import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { Icon } from "../../web/page/icon.tsx";
import type { SavedView } from "../api.ts";
import { ask } from "./ask/ask.ts";
import { useAnswer } from "./ask/useAnswer.ts";
import { Menu } from "./parts/menu.tsx";
import { attempt } from "./parts/message.tsx";
import { Unanswered } from "./parts/unanswered.tsx";

/** Addresses with a name, kept by the server for everybody who opens these folders. */
export function SavedViews(): JSX.Element {
  return (
    <Menu label="Saved views" icon="bookmark" compact>
      {(close) => <SavedViewList close={close} />}
    </Menu>
  );
}

function SavedViewList({ close }: { readonly close: () => void }): JSX.Element {
  const [turn, setTurn] = useState(0);
  const again = (): void => setTurn(turn + 1);
  const { answer, error } = useAnswer<SavedView[]>(`/api/views?turn=${turn}`);
  return (
    <div class="saved-views">
      <h2 class="menu-title">Saved views</h2>
      {(error || !answer) && <Unanswered error={error} rows={2} />}
      {answer?.length === 0 && <p class="muted">None yet. Save this one to come back to it.</p>}
      <ul class="plain-list">
        {answer?.map((view) => (
          <li key={view.name}>
            <a class="menu-item" href={`#${view.address}`} onClick={close}>
              {view.name}
            </a>
            <button
              class="quiet icon-button"
              aria-label={`Delete the view ${view.name}`}
              onClick={() => void attempt(() => deleteView(view.name)).then(again)}
            >
              <Icon name="trash" />
            </button>
          </li>
        ))}
      </ul>
      <SaveForm onSaved={again} />
    </div>
  );
}

function SaveForm({ onSaved }: { readonly onSaved: () => void }): JSX.Element {
  const [name, setName] = useState("");
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const view: SavedView = { name: name.trim(), address: location.hash.slice(1) };
    if (!(await attempt(() => saveView(view)))) return;
    setName("");
    onSaved();
  };
  return (
    <form class="row" onSubmit={(event) => void save(event)}>
      <input
        aria-label="Name of this view"
        placeholder="Name of this view"
        required
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <button class="primary">Save</button>
    </form>
  );
}

async function saveView(view: SavedView): Promise<string> {
  await ask(viewPath(view.name), { method: "PUT", body: { address: view.address } });
  return `Saved the view ${view.name}`;
}

async function deleteView(name: string): Promise<string> {
  await ask(viewPath(name), { method: "DELETE" });
  return `Deleted the view ${name}`;
}

const viewPath = (name: string): string => `/api/views/${encodeURIComponent(name)}`;
