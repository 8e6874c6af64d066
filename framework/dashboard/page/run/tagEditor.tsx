import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { IndexedRun } from "../../../store/indexedRun.ts";
import { Icon } from "../../../web/page/icon.tsx";
import { linkTo } from "../address/address.ts";
import { changeNotes } from "./changeNotes.ts";

/** A run's tags; each leads to all runs that have it. */
export function TagEditor({ run }: { readonly run: IndexedRun }): JSX.Element {
  const [text, setText] = useState("");
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    const tag = text.trim();
    if (!tag || run.tags.includes(tag)) return;
    if (await changeNotes([run.key], { tags: [...run.tags, tag] })) setText("");
  };
  return (
    <div class="row tag-editor">
      {run.tags.map((tag) => (
        <span key={tag} class="chip">
          <a
            class="tag-link"
            href={linkTo(["runs"], { filter: `tags has ${JSON.stringify(tag)}` })}
          >
            {tag}
          </a>
          <button
            class="quiet icon-button"
            aria-label={`Remove the tag ${tag}`}
            onClick={() =>
              void changeNotes([run.key], { tags: run.tags.filter((other) => other !== tag) })
            }
          >
            <Icon name="close" />
          </button>
        </span>
      ))}
      <form onSubmit={(event) => void add(event)}>
        <input
          class="tag-input"
          aria-label="Add a tag"
          placeholder="Add a tag"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </form>
    </div>
  );
}
