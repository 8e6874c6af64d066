import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { Icon } from "../../../web/page/icon.tsx";
import type { ColumnsAnswer } from "../../api.ts";
import type { AskError } from "../ask/ask.ts";
import { runColumns } from "./columns.ts";

interface FilterBoxProps {
  readonly value: string;
  readonly columns: ColumnsAnswer | undefined;
  readonly error: AskError | undefined;
  readonly onChange: (filter: string) => void;
}

const typingMs = 350;
const shownSuggestions = 8;
/** Names of other signs stand in backquotes. */
const plainName = /^[\p{L}_][\p{L}\p{N}_./:@%$+-]*$/u;

/** Where a filter is written: names of columns are suggested, and what is wrong is pointed at. */
export function FilterBox({ value, columns, error, onChange }: FilterBoxProps): JSX.Element {
  const [text, setText] = useState(value);
  const [caret, setCaret] = useState<number | null>(null);
  const [marked, setMarked] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), typingMs);
    return () => clearTimeout(timer);
  }, [text]);
  const word = caret === null ? "" : wordBefore(text, caret);
  const suggestions = word.length > 1 ? suggest(word, columns) : [];
  const take = (name: string): void => {
    const start = (caret ?? 0) - word.length;
    const written = plainName.test(name) ? name : `\`${name}\``;
    setText(text.slice(0, start) + written + text.slice(caret ?? 0));
    setCaret(null);
    setMarked(-1);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(start + written.length, start + written.length);
    });
  };
  const keyDown = (event: KeyboardEvent): void => {
    const taken = suggestions[marked];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (suggestions.length === 0) return;
      event.preventDefault();
      const move = event.key === "ArrowDown" ? 1 : -1;
      setMarked((marked + move + suggestions.length) % suggestions.length);
    } else if (event.key === "Enter" && taken !== undefined) {
      event.preventDefault();
      take(taken);
    } else if (event.key === "Enter") {
      onChange(text);
      setCaret(null);
    } else if (event.key === "Escape") {
      if (suggestions.length > 0) setCaret(null);
      else input.current?.blur();
    }
  };
  return (
    <div class="filter">
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        data-filter
        role="combobox"
        list={undefined}
        aria-label="Filter of runs"
        aria-expanded={suggestions.length > 0}
        aria-controls="filter-suggestions"
        aria-activedescendant={marked >= 0 ? `filter-suggestion-${marked}` : undefined}
        aria-invalid={error !== undefined}
        aria-describedby={error ? "filter-error" : undefined}
        autocomplete="off"
        spellcheck={false}
        placeholder='Filter: config.optimizer.learningRate < 1e-3 and tags has "best"'
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setCaret(event.currentTarget.selectionStart);
          setMarked(-1);
        }}
        onKeyDown={keyDown}
        onBlur={() => setTimeout(() => setCaret(null), 150)}
      />
      {error && suggestions.length === 0 && <FilterError text={value} error={error} />}
      <ul
        id="filter-suggestions"
        class="suggestions"
        role="listbox"
        aria-label="Columns"
        hidden={suggestions.length === 0}
      >
        {suggestions.map((name, i) => (
          <li
            key={name}
            id={`filter-suggestion-${i}`}
            role="option"
            aria-selected={i === marked}
            onPointerDown={(event) => {
              event.preventDefault();
              take(name);
            }}
          >
            {name}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The filter again, with a mark under the place where reading it ended. */
function FilterError({
  text,
  error,
}: {
  readonly text: string;
  readonly error: AskError;
}): JSX.Element {
  const { position } = error;
  return (
    <div id="filter-error" class="filter-error" role="alert">
      {position !== undefined && (
        <code>
          {text.slice(0, position)}
          <mark>{text.slice(position, position + 1) || "…"}</mark>
          {text.slice(position + 1)}
        </code>
      )}
      <span>{error.message}</span>
    </div>
  );
}

function wordBefore(text: string, caret: number): string {
  return /[\w./:-]*$/.exec(text.slice(0, caret))?.[0] ?? "";
}

function suggest(word: string, columns: ColumnsAnswer | undefined): string[] {
  const all = [
    ...Object.keys(runColumns),
    ...(columns ? [...columns.config, ...columns.metrics, ...columns.summary] : []).map(
      ({ name }) => name,
    ),
  ];
  const sought = word.toLowerCase();
  const found = all.filter((name) => name.toLowerCase().includes(sought) && name !== word);
  return found.slice(0, shownSuggestions);
}
