import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { IndexedRun } from "../../../store/indexedRun.ts";
import type { ConsoleAnswer } from "../../api.ts";
import { ask, runPath } from "../ask/ask.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { formatTime } from "../format/time.ts";
import { Loading, Notice } from "../parts/notice.tsx";
import { SearchBox, searchedText } from "../parts/searchBox.tsx";
import { Unanswered } from "../parts/unanswered.tsx";
import { useVirtual } from "../parts/useVirtual.ts";
import { plainLine } from "./plainLine.ts";

const windowLines = 1000;
const followMs = 1000;
const lineHeight = 18;
const followSlack = 40;

/** What the run printed: the end of it, followed while it grows; or the lines that have some words. */
export function ConsoleTab({ run }: { readonly run: IndexedRun }): JSX.Element {
  const search = searchedText();
  const [follow, setFollow] = useState(true);
  const [earliest, setEarliest] = useState<number | null>(null);
  const start = useStart(run.key, search, earliest);
  const { answer, error } = useAnswer<ConsoleAnswer>(
    start === null ? null : runPath(run.key, "console", query(search, start)),
    { follow: [run.key], everyMs: run.status === "running" && follow ? followMs : null },
  );
  const total = answer?.total ?? 0;
  useEffect(() => {
    if (!search && start !== null && total - start > mostLines) setEarliest(total - windowLines);
  }, [total]);
  if (error && !answer) return <Unanswered error={error} />;
  return (
    <section class="panel console" aria-label="Console">
      <header class="panel-head">
        <SearchBox label="Search the console" />
        <label class="field">
          <input
            type="checkbox"
            checked={follow}
            onChange={(event) => setFollow(event.currentTarget.checked)}
          />
          Follow
        </label>
        {start !== null && start > 0 && (
          <button onClick={() => setEarliest(Math.max(0, start - windowLines))}>
            Earlier lines
          </button>
        )}
        <span class="muted push">{answer && `${answer.total} lines`}</span>
      </header>
      {answer ? (
        <Lines lines={answer.lines} follow={follow && !search} onFollow={setFollow} />
      ) : (
        <Loading />
      )}
      {answer?.lines.length === 0 && (
        <Notice title={search ? "No line has these words" : "Nothing was printed"} />
      )}
    </section>
  );
}

const mostLines = 5000;

function query(search: string, start: number): Record<string, string> {
  return { after: String(start), limit: String(mostLines), ...(search && { search }) };
}

/** The first line to ask for: near the end when the tab opens, so that a long log opens at once. */
function useStart(key: string, search: string, earliest: number | null): number | null {
  const [end, setEnd] = useState<number | null>(null);
  useEffect(() => {
    setEnd(null);
    void ask<ConsoleAnswer>(runPath(key, "console", { limit: "1" })).then(
      ({ total }) => setEnd(Math.max(0, total - windowLines)),
      () => setEnd(0),
    );
  }, [key]);
  if (search) return 0;
  return earliest ?? end;
}

function Lines(props: {
  readonly lines: ConsoleAnswer["lines"];
  readonly follow: boolean;
  readonly onFollow: (follow: boolean) => void;
}): JSX.Element {
  const { lines, follow, onFollow } = props;
  const scrolled = useRef<HTMLDivElement>(null);
  const { items, totalSize } = useVirtual(scrolled, {
    count: lines.length,
    size: () => lineHeight,
    overscan: 20,
  });
  useLayoutEffect(() => {
    if (follow && scrolled.current) scrolled.current.scrollTop = totalSize;
  }, [lines, follow]);
  return (
    <div
      ref={scrolled}
      class="console-lines"
      role="log"
      aria-label="Printed lines"
      tabIndex={0}
      onWheel={({ currentTarget, deltaY }) => {
        const { scrollTop, clientHeight } = currentTarget;
        if (deltaY < 0 && totalSize - clientHeight - scrollTop < followSlack) onFollow(false);
      }}
    >
      <div style={{ height: `${totalSize}px`, position: "relative" }}>
        {items.map(({ index, start }) => {
          const line = lines[index];
          if (!line) return null;
          return (
            <div
              key={line.number}
              class={`console-line ${line.stream}`}
              style={{ top: `${start}px` }}
              title={formatTime(line.time * 1000)}
            >
              <span class="console-number">{line.number + 1}</span>
              {plainLine(line.text)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
